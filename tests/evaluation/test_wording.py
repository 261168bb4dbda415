"""Reasons as a clerk reads them: each missing kind once, with the schools or years it is missing for."""

from tests.evaluation.situations import changed, county, judged


def reasons(changes, id_, **place):
    finding = judged(changed(county(), changes)).of(id_, **place)
    return finding, finding.reason("zh"), finding.reason("en")


def test_missing_years_are_named():
    row = [{"year": 2023, "primary": 0.4, "junior": 0.4}]
    _, zh, en = reasons({"eligibility.composite_difference": row}, "E2.composite", stage="primary")
    assert "缺少2022、2024年小学综合差异系数，" in zh
    assert "primary composite difference coefficient of 2022, 2024" in en


def test_what_many_schools_lack_is_counted_and_every_place_is_kept():
    changes = {
        f"{code}.teachers.{stage}.pe_arts": "absent" for code, stage in (("P1", "primary"), ("P2", "primary"))
    }
    finding, zh, en = reasons(changes, "R3.difference", stage="primary")
    assert "缺少2所学校的小学体育艺术专任教师数，" in zh
    assert "of 2 schools" in en
    assert finding.missing == (
        "schools[P1].teachers.primary.pe_arts",
        "schools[P2].teachers.primary.pe_arts",
    )


def test_what_one_school_lacks_is_named_by_its_code_unless_the_sentence_is_about_it():
    changes = {"P1.multimedia_rooms": "absent"}
    assert "缺少P1网络多媒体教室数，" in reasons(changes, "R7.difference", stage="primary")[1]
    assert "：缺少网络多媒体教室数，" in reasons(changes, "R7", school="P1", stage="primary")[1]


def test_an_exemption_that_was_not_needed_says_so():
    changes = {"P1.dense_centre": True, "P1.extra_sports_area": 700}
    finding, zh, en = reasons(changes, "R5", school="P1", stage="primary")
    assert finding.exemption.outcome_without == "met"
    assert "不适用时也达标" in zh
    assert "met too" in en


def test_teachers_that_number_none_leave_a_share_open_and_say_where():
    changes = {
        f"{code}.teachers.{stage}.{figure}": 0
        for code, stage in (("P1", "primary"), ("P2", "primary"), ("J1", "junior"), ("J2", "junior"))
        for figure in ("total", "certified")
    }
    finding, zh, _ = reasons(changes, "G12")
    assert finding.outcome == "undetermined"
    assert finding.missing[0] == "schools[P1].teachers.primary.total"
    assert "2所学校的小学专任教师数" in zh
    assert "自相矛盾" not in zh
