from decimal import Decimal

from survey_app.surveys.school_lists import school_lists


def school(code="s1", kind="primary", **more):
    given = {
        "code": code,
        "name": f"学校{code}",
        "kind": kind,
        "locality": "town",
        "ownership": "public",
        "boarding": False,
        "pupils": {"primary": 100},
        "teachers": {"primary": {"total": 9}, "junior": {"total": 11}},
    }
    return given | more


def counted(*schools):
    return school_lists({"schools": list(schools)})


def sizes(*schools):
    return counted(*schools).sizes


def test_every_pupil_of_the_compulsory_stages_has_one_parent_on_the_lists():
    twelve_year = school(kind="twelve_year", pupils={"primary": 60, "junior": 30, "senior": 500})
    assert sizes(school(), twelve_year)["parent"] == 190
    assert [(one.band, one.size) for one in counted(twelve_year).of("parent")] == [
        ("primary", 60),
        ("junior", 30),
    ]


def test_pupils_are_asked_from_grade_three():
    by_grade = dict(zip("123456", (10, 20, 11, 12, 13, 14), strict=True))
    assert sizes(school(pupils={"primary": 80}, grade_pupils=by_grade))["student"] == 50
    assert sizes(school(kind="junior", pupils={"junior": 77}))["student"] == 77


def test_a_whole_number_written_with_a_point_is_the_same_number():
    given = {"pupils": {"primary": Decimal("1E+2")}, "teachers": {"primary": {"total": Decimal("9.0")}}}
    found = counted(school(**given))
    assert found == counted(school())
    assert all(type(one.size) is int for one in found.lists)


def test_without_pupils_by_grade_two_thirds_are_old_enough_rounded_down_and_it_is_said():
    found = counted(school(pupils={"primary": 100}), school("s2", grade_pupils={"3": 5}))
    assert [one.size for one in found.of("student")] == [66, 66]
    assert [(line.id, line.value) for line in found.notes if line.id == "students_estimated"] == [
        ("students_estimated", 2)
    ]


def test_pupils_by_grade_never_exceed_the_pupils_there_are():
    assert sizes(school(grade_pupils=dict.fromkeys("123456", 90)))["student"] == 100


def test_teachers_are_one_list_a_school_and_staff_stand_in_where_they_are_not_counted():
    nine_year = school(kind="nine_year", pupils={"primary": 60, "junior": 30})
    assert [(one.band, one.size) for one in counted(nine_year).of("teacher")] == [("", 20)]
    replaced = counted(school(teachers={"primary": {"employees": 7}}))
    assert replaced.sizes["teacher"] == 7
    assert "teachers_from_employees" in {line.id for line in replaced.notes}


def test_a_teaching_point_without_a_count_has_pupils_and_teachers_but_no_principal():
    point = school("p1", "teaching_point", counted=False, merge_into="s1")
    assert sizes(school(), point) == {"parent": 200, "student": 132, "teacher": 18, "principal": 1}


def test_a_school_without_pupils_of_these_stages_is_on_no_list():
    vocational = school(kind="vocational", pupils={"senior": 900})
    empty = school("s2", pupils={"primary": 0})
    assert counted(vocational, empty).lists == ()


def test_missing_numbers_are_faults_that_name_the_school():
    found = counted(
        school(pupils={}),
        school("s2", teachers={}),
        school("s3", "nine_year", pupils={"primary": 5}, teachers={"primary": {"total": 1}}),
    )
    assert [(fault.where, fault.rule, fault.value) for fault in found.faults] == [
        ("schools[s1]", "pupils_missing", "学校s1"),
        ("schools[s2]", "teachers_missing", "学校s2"),
        ("schools[s3]", "pupils_missing", "学校s3"),
    ]
    assert found.faults[2].text.zh.startswith("学校s3：缺少初中学生数")
