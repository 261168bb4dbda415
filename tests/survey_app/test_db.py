import pytest
import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from survey_app.db import db


def test_an_error_of_the_database_says_no_value(either_app):
    """Messages reach the log; values may be hashes of codes, sealed answers or logins."""
    with either_app.app_context():
        with pytest.raises(SQLAlchemyError) as caught:
            db.session.execute(sa.text("SELECT :secret FROM no_such_table"), {"secret": "7F3KQ29ZTABR"})
        db.session.rollback()
    assert "7F3KQ29ZTABR" not in str(caught.value)
