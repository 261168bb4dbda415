"""Reports kept before forms were counted give the papers they always gave, byte for byte."""

import hashlib
import io
import json
import zipfile
from datetime import timedelta
from pathlib import Path

import pytest

from survey_app.canonical import canonical, digest
from survey_app.db import db
from survey_app.supervision.dispatch import files, service
from survey_app.supervision.dispatch.models import Dispatch
from survey_app.supervision.dispatch.periods import Period
from tests.conftest import NOW
from tests.province import PROVINCE, make_province, places

#: What a quarter's report kept, and SHA-256 over the parts of the Word file that was written of it then.
KEPT = Path(__file__).with_name("first_form.json")
WRITTEN = "f6b58c787b5fd5b9712b5c1b98bfe08c3a7582a7f9d8128f6d2f0efc32ea0d86"

#: What the first form does not have.
LATER = {"form", "over", "failing", "totals", "earlier"}


@pytest.fixture
def province(app):
    with app.app_context():
        make_province(only=[each.code for each in places() if each.state in {"run", "review"}][:4])
        db.session.commit()
        yield


def kept(period, text, *, made_at):
    row = Dispatch(
        region_code=PROVINCE,
        year=period.year,
        quarter=period.quarter,
        version=1,
        content=text,
        digest=digest(text),
        made_at=made_at,
        made_by="t",
    )
    db.session.add(row)
    db.session.commit()
    return row


def written(app, row, form="docx"):
    content, _name = files.maker(app)({"dispatch": row.id, "form": form}, lambda *_step: None)
    return content


def test_a_quarter_of_the_first_form_gives_the_paper_it_gave(app, province):
    text = KEPT.read_text(encoding="utf-8").strip()
    assert text == canonical(json.loads(text))
    row = kept(Period(2026, 4), text, made_at=NOW + timedelta(days=3))
    whole = hashlib.sha256()
    with zipfile.ZipFile(io.BytesIO(written(app, row))) as parts:
        for name in parts.namelist():
            whole.update(name.encode() + parts.read(name))
    assert whole.hexdigest() == WRITTEN


def test_a_year_of_the_first_form_counts_its_runs_and_says_what_it_said(app, province, monkeypatch):
    made = service.make(db.session, PROVINCE, Period(2026), by="t", now=NOW)
    content = service.content_of(made)
    assert content["failing"]
    first = {key: value for key, value in content.items() if key not in LATER}
    first["schedule"] = {key: value for key, value in first["schedule"].items() if key != "kept_on"}
    old = kept(Period(2025), canonical(first | {"year": 2026}), made_at=NOW)
    made.digest = old.digest
    db.session.commit()
    expected = written(app, old)
    monkeypatch.setattr(files, "items_by_run", None)
    assert written(app, made) == expected
    with pytest.raises(TypeError):
        written(app, old)
