"""The pages of a region: one table, one picture, one download, and the way down to a school's finding."""

import csv
import io
import re
import shutil

import pytest
from python_calamine import CalamineWorkbook

from survey_app import clock, create_app
from survey_app.assessments.models import EvaluationRun
from survey_app.assessments.words import OUTCOMES
from survey_app.db import db
from tests.conftest import NOW, dispose, make_settings
from tests.factories import sign_in
from tests.page import get
from tests.province import DIVISIONS, make_province, places

#: 晋城市's six counties, and one of each state elsewhere.
JINCHENG = [each.code for each in DIVISIONS if each.city == "晋城市"]
CODES = {*JINCHENG, *{place.state: place.code for place in reversed(places())}.values()}

SHANXI = "/province/140000/"


@pytest.fixture(scope="module")
def world(sqlite_template, tmp_path_factory):
    home = tmp_path_factory.mktemp("province")
    shutil.copy(sqlite_template, home / "junheng.db")
    app = create_app(make_settings(home))
    with app.app_context():
        make_province(only=sorted(CODES))
        db.session.commit()
    yield app
    dispose(app)


@pytest.fixture(autouse=True)
def _at_six(monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: NOW)


@pytest.fixture
def province(world):
    return sign_in(world, "province", "140000")


def rows(html):
    """The table's rows: the county's address, then the text of each cell."""
    found = []
    for row in re.findall(r'<tr[^>]*><th scope="row"[^>]*>(.*?)</tr>', html, re.S):
        texts = [re.sub(r"<[^>]+>", " ", f"<td{cell}") for cell in row.split("<td")]
        found.append([re.search(r'href="([^"]+)"', row)[1], *(" ".join(text.split()) for text in texts)])
    return found


def test_every_county_of_the_region_stands_in_the_table_also_without_a_run(province):
    shown = get(province, SHANXI)
    found = rows(shown.html)
    assert len(found) == 117
    by_name = {row[1]: row for row in found if "晋城市" in row[2]}
    assert len(by_name) == 6
    assert by_name["陵川县"][3] == "2029"
    assert sum("尚无评估" in row[4] for row in found) == 117 - sum(
        place.state not in {"nothing", "file"} for place in places() if place.code in CODES
    )
    assert by_name["泽州县"][3] == "—"


def test_on_a_phone_each_figure_stands_behind_the_name_of_its_column(province):
    html = get(province, "/province/140500/").html
    heads = [each.strip() for each in re.findall(r'<th scope="col"[^>]*><a[^>]*>([^<]+)', html)]
    body = html.partition("<tbody")[2].partition("</tbody>")[0]
    counties = body.split("</tr>")[:-1]
    assert len(counties) == 6
    for county in counties:
        assert re.findall(r'<td role="cell" data-label="([^"]+)"', county) == heads[1:]


def test_lights_say_their_word_to_whoever_does_not_see_them(province):
    html = get(province, "/province/140500/").html
    lit = re.findall(r'<span class="light (\w+)" title="(\w+)">.*?visually-hidden">(\w+)<', html)
    assert len(lit) > 20
    assert all(title == said == OUTCOMES[outcome] for outcome, title, said in lit)


def test_any_column_sorts_by_a_link_and_says_so(province):
    page = get(province, "/province/140500/")
    heads = re.findall(r'<th scope="col"[^>]* aria-sort="(\w+)"[^>]*><a href="([^"]+)"', page.html)
    assert len(heads) == 17
    assert [how for how, _address in heads].count("none") == 16
    for _how, address in heads:
        sorted_page = get(province, address.replace("&amp;", "&"))
        assert sorted_page.status == 200
        assert len(rows(sorted_page.html)) == 6
        assert sorted_page.html.count('aria-sort="none"') == 16
    worst = rows(get(province, "/province/140500/?sort=worst&order=desc").html)
    shown = [float(row[12].split()[0]) for row in worst]
    limits = [float(row[12].split("≤")[1]) for row in worst]
    ratios = [one / limit for one, limit in zip(shown, limits, strict=True)]
    assert ratios == sorted(ratios, reverse=True)


def test_filters_narrow_and_an_empty_table_says_what_to_do(province):
    missed = get(province, f"{SHANXI}?verdict=not_met&city=140500")
    assert {row[4] for row in rows(missed.html)} == {"未达标"}
    none = get(province, f"{SHANXI}?due=2023&verdict=met&city=140500")
    assert "没有符合条件的县" in none.text
    assert ("/province/140000/", "看全部") in [(href, text) for href, text in none.links]
    unnamed = get(province, f"{SHANXI}?due=none")
    assert {row[1] for row in rows(unnamed.html)} == {"泽州县", "平陆县"}


def test_those_at_risk_are_those_that_the_schedule_finds(province):
    risky = rows(get(province, f"{SHANXI}?at_risk=1").html)
    assert risky
    behind = {row[1] for row in risky if row[3].split()[0] in {"2024", "2025"}}
    assert behind
    assert all(row[3].split()[0] not in {"2030", "2031", "2032"} or "挂牌" in row[14] for row in risky)


def test_the_picture_has_a_panel_with_words_for_each_county_that_was_judged(world, province):
    shown = get(province, f"{SHANXI}picture?sort=worst&order=desc")
    panels = re.findall(
        r'<li><a href="(/assessments/\d+)">.*?<svg[^>]*aria-label="([^"]+)"', shown.html, re.S
    )
    judged = [place for place in places() if place.code in CODES and place.state not in {"nothing", "file"}]
    assert len(panels) == len(judged)
    assert all("最差差异系数" in words and "社会认可度" in words for _address, words in panels)
    assert "尚无评估，没有画" in shown.text
    table = rows(get(province, f"{SHANXI}?sort=worst&order=desc").html)
    assert [row[0] for row in table[: len(panels)]] == [address for address, _words in panels]


def test_the_way_down_leads_to_a_schools_finding_and_back(world, province):
    assert province.get("/province/").location == SHANXI
    city = get(province, "/province/140500/")
    assert ("/province/140000/", "山西省") in city.links
    (yangcheng,) = [row for row in rows(city.html) if row[1] == "阳城县"]
    assert province.get("/province/140522/").location == yangcheng[0]
    county = get(province, yangcheng[0])
    assert [href for href, _text in county.links if href == "/province/140500/"]
    finding = next(href for href, _text in county.links if "/why/" in href)
    assert get(province, finding).status == 200


def test_a_county_without_a_run_leads_to_its_ledger(province):
    bare = next(place for place in places() if place.code in CODES and place.state == "nothing")
    assert province.get(f"/province/{bare.code}/").location == f"/ledger/{bare.code}/"


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_the_download_has_the_same_counties_in_the_same_order_with_exact_numbers(world, province, kind):
    asked = "sort=rate&order=desc&city=140500"
    answer = province.get(f"/province/140000/counties.{kind}?{asked}")
    assert answer.status_code == 200
    if kind == "csv":
        table = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))
        head, *body = table
        rates = [float(row[head.index("社会认可度比例")]) for row in body]
    else:
        title, head, *body = (
            CalamineWorkbook.from_filelike(io.BytesIO(answer.data)).get_sheet_by_index(0).to_python()
        )
        assert title[0].startswith("山西省各县情况")
        rates = [row[head.index("社会认可度比例")] for row in body]
    shown = rows(get(province, f"{SHANXI}?{asked}").html)
    assert [row[head.index("县（市、区）")] for row in body] == [row[1] for row in shown]
    assert rates == sorted(rates, reverse=True)
    with world.app_context():
        run = db.session.get(EvaluationRun, int(shown[0][0].rpartition("/")[2]))
        assert body[0][head.index("结论")] == {"met": "达标", "not_met": "未达标"}.get(
            run.verdict, "无法判定"
        )


def test_who_answers_for_one_county_goes_to_the_ledger(world):
    county = sign_in(world, "county", "140522")
    assert county.get("/province/").location == "/ledger/"
    assert county.get("/province/140524/").status_code == 404
    assert county.get("/province/140500/").status_code == 404


def test_the_nation_sees_provinces_first(world):
    nation = sign_in(world, "nation", "000000")
    assert nation.get("/province/").location == "/province/000000/"
    shown = get(nation, "/province/000000/")
    (shanxi,) = [row for row in rows(shown.html) if row[1] == "山西省"]
    assert shanxi[2] == "117"
    assert nation.get("/province/000000/picture").status_code == 404
    assert nation.get("/province/990000/").status_code == 404
    assert nation.get("/province/140599/").status_code == 404


def test_a_city_sees_its_counties_alone(world):
    city = sign_in(world, "city", "140500")
    assert city.get("/province/").location == "/province/140500/"
    assert city.get(SHANXI).status_code == 404
    shown = get(city, "/province/140500/")
    assert "山西省" not in [text for _href, text in shown.links]


def test_pages_speak_english(province):
    for address in (SHANXI, f"{SHANXI}picture"):
        shown = get(province, f"{address}?lang=en")
        assert "Counties of 山西省" in shown.text
    assert "Recognition" in province.get(f"{SHANXI}counties.csv").data.decode("utf-8-sig").splitlines()[0]
    get(province, f"{SHANXI}?lang=zh_CN")
