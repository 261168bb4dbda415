"""What a report freezes, and its papers: they say the same as its content, and tables hold together."""

import io
from datetime import timedelta
from fractions import Fraction

import pytest
import sqlalchemy as sa
from docx import Document
from docx.oxml.ns import qn
from python_calamine import CalamineWorkbook

from survey_app.canonical import digest
from survey_app.clock import day_of
from survey_app.db import db
from survey_app.errors import ConflictError
from survey_app.supervision.dispatch import files, service
from survey_app.supervision.dispatch.content import median
from survey_app.supervision.dispatch.periods import Period
from survey_app.supervision.ledger.models import Task
from survey_app.supervision.listing import service as listing
from survey_app.supervision.province.ordering import SECTIONS
from survey_app.supervision.schedule import service as schedule
from survey_app.supervision.schedule.models import RecognitionSchedule
from tests.conftest import NOW
from tests.province import PROVINCE, YEAR, make_province, places

QUARTER = Period(2026, 4)

#: Two counties of each state, some of them due and some not.
CODES = sorted(
    {
        each.code
        for state in {place.state for place in places()}
        for each in [place for place in places() if place.state == state][:2]
    }
)


@pytest.fixture
def province(app):
    with app.app_context():
        make_province(only=CODES)
        db.session.commit()
        yield


def make(period, *, now=NOW, region=PROVINCE):
    made = service.make(db.session, region, period, by="t", now=now)
    db.session.commit()
    return made


def paper(app, made, form):
    """A report's file, and how far its maker said it was."""
    told = []
    content, _name = files.maker(app)({"dispatch": made.id, "form": form}, lambda *step: told.append(step))
    return content, told


def texts(document):
    return "\n".join(each.text for each in document.paragraphs)


def cells(table):
    return [[cell.text for cell in row.cells] for row in table.rows]


def test_a_quarter_tells_of_the_counties_due_and_of_those_just_recognised(province):
    due = {each.code: each.due for each in places() if each.due}
    content = service.content_of(make(QUARTER))
    told = {each["code"]: each for each in content["counties"]}
    recognised = {
        each["code"] for each in service.content_of(make(Period(2026)))["counties"] if each["recognised_on"]
    }
    assert set(told) == {code for code, year in due.items() if year <= 2027} - recognised
    code = min(told)
    schedule.record_recognition(
        db.session, code, on=day_of(NOW), document="国教督〔2026〕9号", by="t", now=NOW
    )
    again = service.content_of(make(QUARTER))
    own = next(each for each in again["counties"] if each["code"] == code)
    assert own["recognised_on"] == "2026-11-22"
    assert own["next"] == []
    before = service.content_of(make(QUARTER.after, now=NOW + timedelta(days=60)))
    assert code not in {each["code"] for each in before["counties"]}


def test_a_report_stays_as_it_was_and_the_next_one_supersedes_it(province):
    first = make(QUARTER)
    kept, sum_ = first.content, first.digest
    assert digest(kept) == sum_
    assert make(QUARTER).id == first.id
    code = next(each["code"] for each in service.content_of(first)["counties"] if not each["listed"])
    listing.put_under(db.session, code, reason="进展慢", facts={}, by="t", now=NOW)
    db.session.commit()
    second = make(QUARTER)
    assert (second.version, service.superseded_by(db.session, second)) == (2, None)
    assert service.superseded_by(db.session, first).id == second.id
    db.session.refresh(first)
    assert (first.content, first.digest) == (kept, sum_)
    assert make(Period(2026)).version == 1


def test_a_period_to_come_and_a_quarter_without_a_schedule_are_refused(province):
    with pytest.raises(ConflictError) as refused:
        make(Period(2027, 1))
    assert refused.value.code == "dispatch_to_come"
    db.session.execute(sa.delete(RecognitionSchedule))
    with pytest.raises(ConflictError) as refused:
        make(QUARTER)
    assert refused.value.code == "dispatch_no_schedule"
    assert service.content_of(make(Period(2026)))["schedule"] is None


@pytest.mark.parametrize("period", [QUARTER, Period(2026)])
def test_the_same_report_gives_the_same_paper_with_whole_rows(app, province, period):
    made = make(period)
    content, told = paper(app, made, "docx")
    assert content == paper(app, made, "docx")[0]
    assert told == sorted(told)
    assert all(done < total for done, total in told)
    document = Document(io.BytesIO(content))
    assert made.digest in document.sections[0].footer.paragraphs[1].text
    said = texts(document) + "".join(
        text for table in document.tables for row in cells(table) for text in row
    )
    assert not [sign for sign in ("None", "{", "}", "nan", "Fraction") if sign in said]
    for table in document.tables:
        rows = table._tbl.tr_lst
        assert all(row.trPr is not None and row.trPr.find(qn("w:cantSplit")) is not None for row in rows)
        assert rows[0].trPr.find(qn("w:tblHeader")) is not None


@pytest.mark.parametrize("now", [NOW, QUARTER.ends])
def test_a_quarter_sums_up_first_and_leaves_nothing_out(app, province, now):
    made = make(QUARTER, now=now)
    content = service.content_of(made)
    document = Document(io.BytesIO(paper(app, made, "docx")[0]))
    totals, risks, steps, standing, details = map(cells, document.tables)
    shown = {row[at].strip(): row[at + 1 : at + 4] for row in totals[1:] for at in (0, 4)}
    assert len(shown) == len(content["totals"])
    counted = [each["pace"]["state"] for each in content["counties"]].count("behind")
    then = content["earlier"]["totals"]["behind"]
    assert shown["已过年份而未通过"][:2] == [str(counted), str(then)]
    risky = {each["name"] for each in content["counties"] if each["pace"]["reasons"]}
    named = [name.rstrip("▲※") for row in risks[1:] for name in row[2].split("、")]
    assert sorted(named) == sorted(risky)
    assert sum(int(row[1]) for row in risks[1:]) == len(risky)
    asked = sum(int(row[at]) for row in steps[1:] for at in (1, 3) if row[at])
    assert asked == sum(len(each["next"]) for each in content["counties"])
    assert [row[0] for row in standing[1:]] == [each["name"] for each in content["counties"]]
    for row, each in zip(details[1:], content["counties"], strict=True):
        assert row[0] == f"{each['name']}（{each['city']}）"
        assert row[1].count("；") >= len(each["doings"]) - 1
        assert len(each["doings"]) == 0 or row[1] != "没有记录"
        assert (row[2] == "—") == (not each["pace"]["reasons"])
        assert row[3].count("。") >= len(each["next"])
    over = "12月31日终了" in texts(document)
    assert over == (now >= QUARTER.ends)


def test_a_year_says_every_county_and_counts_them(app, province):
    made = make(Period(2026))
    content = service.content_of(made)
    document = Document(io.BytesIO(paper(app, made, "docx")[0]))
    every = cells(document.tables[-1])[2:]
    assert [row[0] for row in every] == [each["name"] for each in content["counties"]]
    judged = [each for each in content["counties"] if each["run"]]
    met = sum(each["run"]["verdict"] == "met" for each in judged)
    assert f"最近一次评估达标{met}个" in texts(document)
    assert f"没有评估过{len(content['counties']) - len(judged)}个" in texts(document)
    shares = cells(document.tables[0])[1:]
    for row, section in zip(shares, SECTIONS, strict=True):
        outcomes = [each["run"]["sections"][section] for each in judged]
        assert row[1:4] == [str(outcomes.count(each)) for each in ("met", "not_met", "undetermined")]
    rows = cells(document.tables[1])[1:]
    spread = [row for row in rows if row[0] == "小学" and row[1].startswith("R4")]
    values = [
        Fraction(one["value"])
        for each in judged
        for one in each["run"]["coefficients"]
        if (one["stage"], one["key"]) == ("primary", "R4")
    ]
    ((_stage, _key, counted, least, _middle, most, _limit, over),) = spread
    assert (counted, over) == (str(len(values)), str(sum(value > Fraction(1, 2) for value in values)))
    assert (least, most) == (f"{float(min(values)):.3f}", f"{float(max(values)):.3f}")
    assert len(document.inline_shapes) == 2


def test_the_money_of_the_ledger_is_summed_by_year(province):
    money = service.content_of(make(Period(2026)))["money"]
    stored = [
        (budget.year, budget.yuan)
        for task in db.session.scalars(sa.select(Task).where(Task.county_code.in_(CODES)))
        for budget in task.budgets
    ]
    assert money
    for each in money:
        own = [yuan for year, yuan in stored if year == each["year"]]
        assert (each["yuan"], each["tasks"]) == (sum(own), len(own))
        assert 0 <= each["done_yuan"] <= each["yuan"]
    assert {each["year"] for each in money} <= {YEAR, YEAR + 1}


def test_the_workbook_has_numbers_as_numbers(app, province):
    made = make(QUARTER)
    content = service.content_of(made)
    book = CalamineWorkbook.from_filelike(io.BytesIO(paper(app, made, "xlsx")[0]))
    assert book.sheet_names == ["各县情况", "期内工作"]
    _title, heads, *rows = book.get_sheet_by_name("各县情况").to_python()
    assert [row[0] for row in rows] == [each["code"] for each in content["counties"]]
    place = {
        name: heads.index(name)
        for name in ("计划年", "认可度（官方比例）", "最差差异系数", "未达标项目（项）")
    }
    for row, each in zip(rows, content["counties"], strict=True):
        run = each["run"]
        assert row[place["计划年"]] == each["due"]
        if run:
            assert row[place["认可度（官方比例）"]] == pytest.approx(
                float(Fraction(run["recognition"]["rate"]))
            )
            assert row[place["最差差异系数"]] == pytest.approx(float(Fraction(run["worst"]["value"])))
            assert row[place["未达标项目（项）"]] == run["missed"]


def test_a_median_of_an_even_number_lies_between():
    assert median([Fraction(1), Fraction(4), Fraction(2), Fraction(3)]) == Fraction(5, 2)
    assert median([Fraction(3), Fraction(1), Fraction(2)]) == 2
