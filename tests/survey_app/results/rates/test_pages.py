"""The pages of a wave's rate: who sees what, and that withheld is withheld in every form."""

import csv
import io
import json

import pytest

from survey_app.db import db
from survey_app.jobs import jobs_of
from survey_app.results.models import OpenAnswer, WaveOutcome
from survey_app.results.rates.sheets import SHEETS
from survey_app.results.releasing import release_wave
from survey_app.surveys import service as surveys
from survey_app.surveys.groups import form_for_group
from tests.conftest import NOW
from tests.page import get, post
from tests.survey_app.respond.field import full_answers, open_field
from tests.survey_app.results.filled import COUNTY, close, send

#: What the first fifteen parents wrote.
TEXTS = ("请找王建国老师，电话13800138000", *("希望多建操场",) * 14)


@pytest.fixture
def wave_id(app):
    """A mixed wave that is not released, with texts of fifteen parents and two pupils."""
    field = open_field(app, COUNTY)
    with app.app_context():
        for group, cards in field.cards.items():
            for number, code in enumerate(cards):
                written = TEXTS if group == "parent" else ("老师很好",) * 2 if group == "student" else ()
                given = {"comment": written[number]} if number < len(written) else {}
                answers = full_answers(form_for_group(group), group, level="5" if number % 4 else "2")
                send(field, code, answers | given)
        db.session.commit()
    close(app, field)
    jobs_of(app).enqueue("mix_wave", str(field.wave_id), wave_id=field.wave_id)
    return field.wave_id


def release(app, wave_id):
    with app.app_context():
        release_wave(db.session, surveys.get_wave(db.session, wave_id), by="city", now=NOW)
        db.session.commit()


def test_pages_stay_closed_to_the_county_until_the_release(app, wave_id, signed_in):
    county, city = signed_in("county"), signed_in("city", "140500")
    pages = [f"/results/{wave_id}/by/{name}" for name in SHEETS]
    pages += [f"/results/{wave_id}/{name}" for name in ("readings", "returns", "comparing")]
    pages += [f"/results/{wave_id}/by/group.{kind}" for kind in ("csv", "json")]
    for page in pages:
        assert county.get(page).status_code == 409, page
    for page in pages[:-2]:
        get(city, page)
    assert county.get(f"/results/{wave_id}/by/nothing").status_code == 404
    release(app, wave_id)
    for page in pages[:-2]:
        get(county, page)
        get(county, f"{page}?lang=en")
    first = get(county, f"/results/{wave_id}")
    assert "结论有多稳" in first.text or "How firm" in first.text


def test_what_is_withheld_is_withheld_in_every_form(app, wave_id, signed_in):
    release(app, wave_id)
    county = signed_in("county")
    page = get(county, f"/results/{wave_id}/by/group")
    assert "不公布" in page.text
    document = json.loads(county.get(f"/results/{wave_id}/by/group.json").text)
    hidden = [row for row in document["rows"] if row["withheld"]]
    assert {row["key"] for row in hidden} == {"teacher", "principal"}
    assert all(row[name] is None for row in hidden for name in ("n", "above", "rate", "weighted"))
    text = county.get(f"/results/{wave_id}/by/group.csv").data.decode("utf-8-sig")
    lines = {line[0]: line for line in csv.reader(io.StringIO(text))}
    assert lines["校长"][1:4] == ["不公布"] * 3
    why = get(county, f"/results/{wave_id}/by/group/why/principal")
    assert "因此不公布" in why.text
    told = get(county, f"/results/{wave_id}/by/group/why/parent")
    assert "÷ 60 =" in told.text
    get(county, f"/results/{wave_id}/by/group/why/nobody", status=404)


def test_a_mean_of_the_groups_is_not_told_as_one_count_over_another(app, wave_id, signed_in):
    with app.app_context():
        wave = surveys.get_wave(db.session, wave_id)
        wave.rules = wave.rules.replace('"pooled"', '"equal_groups"')
        db.session.commit()
    page = get(signed_in("city", "140500"), f"/results/{wave_id}").text
    assert "各类对象满意率的平均值，每类权重相同；有效" in page
    assert "满意问卷 ÷ 有效问卷 =" not in page
    assert "两者可以不同" in page
    readings = get(signed_in("city", "140500"), f"/results/{wave_id}/readings").text
    assert "声明的规则（正式） 各类对象的平均值" in readings


def test_texts_are_for_those_above_and_only_after_the_release(app, wave_id, signed_in):
    address = f"/results/{wave_id}/texts"
    county, city, assessor = signed_in("county"), signed_in("city", "140500"), signed_in("assessor", "140000")
    get(county, address, status=403)
    assert "结果发布以后才能看文字" in get(city, address).text
    release(app, wave_id)
    get(county, address, status=403)
    for client in (city, assessor):
        page = get(client, address)
        assert "共 17 条" in page.text
        assert "请找〔姓名〕老师，电话〔电话〕" in page.text
        assert "13800138000" not in page.html
        assert "王建国" not in page.html
    assert "对象不注明" in get(city, f"{address}?item=student.comment").text
    assert "共 14 条" in get(city, f"{address}?words=操场").text
    assert "共 0 条" in get(city, f"{address}?words=%25").text
    counts = get(county, f"/results/{wave_id}/returns")
    assert "15 条" in counts.text
    assert "不足十条" in counts.text
    assert "操场" not in counts.text


def test_a_text_is_withdrawn_with_a_reason(app, wave_id, signed_in):
    release(app, wave_id)
    city, assessor = signed_in("city", "140500"), signed_in("assessor", "140000")
    with app.app_context():
        number = db.session.query(OpenAnswer).filter(OpenAnswer.marks != "").one().id.hex()
    address = f"/results/{wave_id}/texts/{number}/withdraw"
    get(assessor, address, status=403)
    post(city, address, {"reason": " "}, status=422)
    post(city, address, {"reason": "能认出老师"}, to=f"/results/{wave_id}/texts")
    page = get(city, f"/results/{wave_id}/texts")
    assert "请找" not in page.text
    assert "能认出老师" in page.text
    post(city, address, {"reason": "再撤一次"}, status=409)
    get(city, f"/results/{wave_id}/texts/zz/withdraw", status=404)


def test_figures_of_the_first_form_are_read_and_say_what_they_lack(app, wave_id, signed_in):
    release(app, wave_id)
    with app.app_context():
        stored = db.session.get(WaveOutcome, wave_id)
        content = json.loads(stored.content)
        new = ("version", "items", "breakdowns", "readings", "variants", "tipping", "returns", "texts")
        kept = {key: value for key, value in content.items() if key not in (*new, "outcome_rates")}
        stored.content = json.dumps(kept)
        db.session.commit()
    county = signed_in("county")
    assert "表Ⅵ" in get(county, f"/results/{wave_id}").text
    assert "家长" in get(county, f"/results/{wave_id}/by/group").text
    for page in ("by/items", "by/locality", "readings", "returns"):
        assert "旧版本" in get(county, f"/results/{wave_id}/{page}").text
    get(county, f"/results/{wave_id}/by/items.csv", status=404)
    get(county, f"/results/{wave_id}/comparing")
