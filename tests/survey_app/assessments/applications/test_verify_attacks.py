"""Exported runs and packs that somebody altered, and wrote the digests of anew as far as they could."""

import json
import zipfile

import pytest

from evaluation.loader import load_scheme
from survey_app.accounts import passwords
from survey_app.assessments.checking import NotOursError, check_file, check_run, verdict_on
from survey_app.assessments.judging import judge_text
from survey_app.assessments.verify_command import visible
from survey_app.canonical import canonical, digest
from survey_app.db import db
from tests.factories import make_county_file
from tests.page import post

PASSWORD = "the right one"


@pytest.fixture
def exported(app, signed_in, monkeypatch):
    """A run that was signed by its county and returned by its city, as a file; and one nobody has signed."""
    monkeypatch.setattr(passwords, "matches", lambda _kept, password: password == PASSWORD)
    with app.app_context():
        make_county_file()
        db.session.commit()
    county, city = signed_in(), signed_in("city", "140500")
    post(county, "/applications/new?county=140522", {"year": "2026", "scheme": "shanxi-2022"}, status=303)
    post(county, "/applications/1/run", {"county_file": "1", "wave": "0"}, status=303)
    unsigned = county.get("/applications/1/runs/1/run.json").get_data()
    post(county, "/applications/1/sign", {"run": "1", "password": PASSWORD}, status=303)
    post(city, "/applications/1/return", {"reason": "请补充附件"}, status=303)
    signed = county.get("/applications/1/runs/1/run.json").get_data()
    assert verdict_on(check_run(signed))
    assert verdict_on(check_run(unsigned))
    return json.loads(signed), json.loads(unsigned)


def _altered(document):
    checks = check_run(canonical(document).encode("utf-8"))
    return {(each.what, each.where) for each in checks if each.holds is False}


def test_whatever_is_altered_of_a_run_is_named(exported):
    signed, unsigned = exported
    steps = signed["application"]["steps"]
    assert _altered({**signed, "application": {**signed["application"], "steps": steps[:1]}}) == {
        ("audit_step", "2")
    }
    assert _altered({**signed, "application": None}) == {("audit_step", "1"), ("audit_step", "2")}
    for name, value in (
        ("level", "recognition"),
        ("made_by", "somebody"),
        ("made_at", "2020-01-01T00:00:00.000000+00:00"),
        ("county", "140500"),
    ):
        assert _altered({**unsigned, "run": {**unsigned["run"], name: value}}) == {("audit_run", name)}
    judged = '[{"kind":"visits"}]'
    run = {**unsigned["run"], "judgements": judged, "judgements_digest": digest(judged)}
    assert _altered({**unsigned, "run": run}) == {("audit_run", "judgements_digest")}


def test_a_scheme_of_ones_own_is_told_from_the_installed_one(exported, tmp_path):
    forged = _judged_by_ones_own_scheme(exported[1], tmp_path)
    checks = check_run(canonical(forged).encode("utf-8"))
    assert [each.what for each in checks if each.holds is not True] == ["scheme_installed"]
    assert verdict_on(checks) is None


def _judged_by_ones_own_scheme(document, folder):
    """The run with another scheme, and with everything that follows from it written anew."""
    name = "shanxi-2022/scheme.toml"
    files = {**document["scheme"], name: document["scheme"][name] + "# mild\n"}
    for each, text in files.items():
        (folder / each).parent.mkdir(exist_ok=True)
        (folder / each).write_bytes(text.encode("utf-8"))
    judged = judge_text(
        document["run"]["input"], "shanxi-2022", scheme=load_scheme("shanxi-2022", folder=folder)
    )
    result = canonical(judged.document("zh"))
    told = {"result": result, "result_digest": digest(result), "scheme_digest": judged.scheme.digest}
    rows, before = [], None
    for row in document["audit"]:
        if row["action"] == "run.made":
            noted = {**json.loads(row["details"]), **{key: told[key] for key in told if key != "result"}}
            row = {**row, "details": canonical(noted)}
        if before is not None and row["number"] == before["number"] + 1:
            row = {**row, "previous_hash": before["hash"]}
        names = ("number", "at", "actor", "action", "region", "details", "previous_hash")
        before = {**row, "hash": digest(canonical([row[each] for each in names]))}
        rows.append(before)
    return {**document, "scheme": files, "audit": rows, "run": {**document["run"], **told}}


@pytest.mark.parametrize("packing", [zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2])
def test_a_pack_is_not_unfolded_in_ways_that_know_no_bounds(tmp_path, packing):
    path = tmp_path / "pack.zip"
    with zipfile.ZipFile(path, "w", packing) as archive:
        archive.writestr("SHA256SUMS", f"{'a' * 64}  run.json\n")
        archive.writestr("run.json", "{}")
    with pytest.raises(NotOursError, match="damaged"):
        check_file(path)


def test_a_name_cannot_hide_what_is_said_of_it():
    assert visible("\x1b[8m\u202e\ud800\n县.json") == "\\x1b[8m\\u202e\\ud800\\n县.json"
