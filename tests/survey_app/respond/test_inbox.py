import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st
from nacl.public import PrivateKey

from survey_app.db import Base
from survey_app.respond.inbox import SIZE_CLASS, UnreadableSealError, open_sealed, seal

KEY = PrivateKey.generate()
OTHER = PrivateKey.generate()


@settings(max_examples=30)
@given(st.dictionaries(st.text(max_size=20), st.text(st.characters(codec="utf-8"), max_size=800), max_size=4))
def test_what_was_sealed_can_be_read_with_the_private_key_alone(payload):
    blob = seal(bytes(KEY.public_key), payload)
    assert open_sealed(bytes(KEY), blob) == payload
    with pytest.raises(UnreadableSealError):
        open_sealed(bytes(OTHER), blob)


def test_short_and_long_answers_have_one_length():
    short = {"answers": {"overall": "5"}}
    long = {"answers": {f"item_{number}": "dk" for number in range(25)} | {"comment": "校" * 900}}
    assert len({len(seal(bytes(KEY.public_key), each)) for each in (short, long)}) == 1
    assert len(seal(bytes(KEY.public_key), {"comment": "校" * 2 * SIZE_CLASS})) > 2 * SIZE_CLASS


@pytest.mark.parametrize("blob", [b"", b"x", bytes(500)])
def test_a_damaged_blob_is_named_as_such(blob):
    with pytest.raises(UnreadableSealError):
        open_sealed(bytes(KEY), blob)


def test_nothing_in_the_inbox_says_when_or_whose():
    table = Base.metadata.tables["sealed_answer"]
    assert set(table.columns.keys()) == {"id", "wave_id", "sealed"}
    assert {key.column.table.name for key in table.foreign_keys} == {"wave"}
    assert not any(isinstance(column.type, sa.DateTime) for column in table.columns)
    assert table.dialect_options["sqlite"]["with_rowid"] is False
