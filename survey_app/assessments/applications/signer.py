"""Whether whoever signs is who they say: the password again, and the code of a second factor."""

from flask import current_app
from flask_login import current_user

from survey_app import clock
from survey_app.accounts import second_factor, signing_in
from survey_app.accounts.models import User
from survey_app.assessments.applications.forms import SignForm
from survey_app.config import settings_of
from survey_app.db import db
from survey_app.errors import JunhengError
from survey_app.messages import sentence


def is_signer(form: SignForm) -> bool:
    """Whether the password, and the code where there is a second factor, are the signer's; says why not."""
    key, now = settings_of(current_app).session_key, clock.now()
    try:
        attempt = signing_in.take_attempt(db.session, current_user.login, key=key, now=now)
        db.session.commit()
        if not attempt.passes(form.password.data or ""):
            form.form_errors.append(sentence("password_wrong"))
            return False
        user = db.session.get_one(User, current_user.id)
        if user.second_factor is not None:
            personal = settings_of(current_app).personal_key
            second_factor.check(db.session, user, form.code.data or "", key=personal, now=now)
        signing_in.forget_attempts(db.session, current_user.login, key=key)
    except JunhengError as refused:
        db.session.rollback()
        form.form_errors.append(sentence(refused.code, **refused.facts))
        return False
    return True
