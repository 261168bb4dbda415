"""Plans worked by hand: schools of 240 pupils, which need 3 backbone teachers and 6 rooms each."""

from fractions import Fraction

import pytest

from evaluation import Outcome, load_scheme, plan_remedies, read_county
from evaluation.remedies.holdings import standing
from evaluation.remedies.keeping import broken
from evaluation.scheme.resources import DifferenceRule, MeanRule
from evaluation.terms import Bound, StageBounds, Text
from tests.evaluation.situations import changed, county, school

SCHEME = load_scheme("shanxi-2022")
UNIT_COSTS = {"backbone": Fraction(50000), "multimedia_rooms": Fraction(30000)}
BACKBONE = "teachers.primary.backbone"


def planned(changes, *, scheme=SCHEME, add=(), without=(), **terms):
    document = county()
    document["schools"] = [row for row in document["schools"] if row["code"] not in without] + list(add)
    return plan_remedies(read_county(changed(document, changes)), scheme, **terms)


def done(plan):
    return [(each.kind, each.figure, each.amount, each.from_school, each.school) for each in plan.changes]


def with_rules(**rules):
    return SCHEME.model_copy(update={"resources": SCHEME.resources.model_copy(update=rules)})


def small_school(code, pupils, **staff):
    """Return a primary school that differs from its neighbours by its size and its teachers only."""
    row = school(code, "primary")
    scale = Fraction(pupils, 240)
    for figure in ("teaching_area", "indoor_sports_area", "sports_ground_area", "equipment_value"):
        row[figure] = float(row[figure] * scale)
    row["teachers"]["primary"] |= staff
    return row | {
        "pupils": {"primary": pupils},
        "class_sizes": {"primary": [pupils]},
        "nearby_pupils": {"primary": pupils},
        "multimedia_rooms": -(-pupils // 30),
    }


def test_nothing_is_planned_for_a_county_that_passes():
    plan = planned({})
    assert (plan.status, plan.changes, plan.cost, plan.proven) == ("met", (), 0, True)


def test_moving_suffices():
    """1 and 5: two move, and both have the three they need."""
    plan = planned({f"P1.{BACKBONE}": 1, f"P2.{BACKBONE}": 5}, unit_costs=UNIT_COSTS)
    assert done(plan) == [("move", "backbone", 2, "P2", "P1")]
    assert (plan.status, plan.cost, plan.proven, plan.fewest_moves) == ("found", 0, True, True)
    assert plan.after.sections["resources"] is Outcome.MET
    assert plan.moving_fails_because == ()


def test_moving_alone_cannot_where_all_together_are_too_few():
    plan = planned({f"P1.{BACKBONE}": 1})
    (obstacle,) = plan.impossible_because
    assert plan.status == "impossible"
    assert (obstacle.kind, obstacle.needed, obstacle.available) == ("too_few", 6, 5)
    assert (
        obstacle.sentence("en")
        == "2 schools together need at least 6 primary backbone teachers; there are 5."
    )
    assert obstacle.sentence("zh") == "2所学校至少需要6名小学县级以上骨干教师，现在只有5名。"


def test_what_moving_cannot_do_is_bought():
    """Of six, five are there: one moves, one is appointed."""
    plan = planned({f"P1.{BACKBONE}": 1}, unit_costs=UNIT_COSTS)
    assert plan.cost == 50000
    assert plan.proven
    assert sorted(each.kind for each in plan.changes) == ["buy", "move"]
    assert [each.kind for each in plan.moving_fails_because] == ["too_few"]
    after = plan.county.schools
    assert [each.staff_in("primary", "backbone") for each in after[:2]] == [3, 3]
    assert sum(each.staff_in("primary", "total") for each in after[:2]) == 41


def test_only_the_coefficient_forces_a_change():
    """3 and 12 pass school by school, but differ by 9/15 = 0.6; 4 and 11 differ by 7/15."""
    plan = planned({f"P1.{BACKBONE}": 3, f"P2.{BACKBONE}": 12})
    assert done(plan) == [("move", "backbone", 1, "P2", "P1")]
    (change,) = [each for each in plan.comparison.numbers if each.outcome_before is Outcome.NOT_MET]
    assert (change.id, change.stage) == ("R2.difference", "primary")
    assert float(change.after) == pytest.approx(7 / 15)


def test_a_coefficient_exactly_at_its_limit_is_kept():
    """3 and 9 differ by exactly 0.5: nothing is needed, and 2 and 10 move one and no more."""
    assert planned({f"P1.{BACKBONE}": 3, f"P2.{BACKBONE}": 9}).status == "met"
    assert done(planned({f"P1.{BACKBONE}": 2, f"P2.{BACKBONE}": 10})) == [("move", "backbone", 1, "P2", "P1")]


def test_the_cheapest_indicators_are_brought_up():
    """P1 may miss one of rooms (one lacking, 30 000) and equipment (10 000 lacking): the rooms stay."""
    unit_costs = UNIT_COSTS | {"equipment_value": Fraction(1)}
    plan = planned({"P1.multimedia_rooms": 5, "P1.equipment_value": 470000}, unit_costs=unit_costs)
    assert done(plan) == [("buy", "equipment_value", 10000, None, "P1")]
    dear = unit_costs | {"equipment_value": Fraction(4)}
    plan = planned({"P1.multimedia_rooms": 5, "P1.equipment_value": 470000}, unit_costs=dear)
    assert done(plan) == [("buy", "multimedia_rooms", 1, None, "P1")]


def test_a_school_of_several_stages_is_given_what_all_its_stages_need():
    """Of X rooms the junior stage has 110/310: 7 make 2.48 ≥ 2.4; the primary stage needs 8 for 4.6."""
    row = school("W", "primary", "nine_year") | {
        "pupils": {"primary": 200, "junior": 100},
        "sports_ground_area": 3000,
        "multimedia_rooms": 6,
        "equipment_value": 600000,
    }
    row["teachers"]["junior"] = dict(row["teachers"]["primary"])
    unit_costs = {"multimedia_rooms": Fraction(30000)}
    plan = planned({}, add=[row], unit_costs=unit_costs)
    assert done(plan) == [("buy", "multimedia_rooms", 2, None, "W")]
    both = [unit.after for unit in plan.comparison.units if unit.school == "W"]
    assert [float(unit.values["R7"]) for unit in both] == pytest.approx([2.5806, 2.8387], abs=1e-4)


def test_what_cannot_be_moved_is_named():
    plan = planned({"P1.multimedia_rooms": 4})
    (obstacle,) = plan.impossible_because
    assert (obstacle.kind, obstacle.school, obstacle.indicators) == ("school_fixed", "P1", ("R7",))
    assert "85%" in obstacle.sentence("zh")
    two = planned({"P1.multimedia_rooms": 5, "P1.equipment_value": 470000})
    assert two.impossible_because[0].indicators == ("R6", "R7")
    assert "at most 1 may be" in two.impossible_because[0].sentence("en")


def test_a_coefficient_that_nothing_can_change_is_named():
    plan = planned({"P1.equipment_value": 480000, "P2.equipment_value": 4800000})
    (obstacle,) = plan.impossible_because
    assert (obstacle.kind, obstacle.stage, obstacle.indicators) == ("difference_fixed", "primary", ("R6",))


def test_a_coefficient_is_brought_down_by_buying():
    """480 000 and 4 800 000 for as many pupils: 1 600 000 and 4 800 000 differ by exactly a half."""
    unit_costs = {"equipment_value": Fraction(1)}
    plan = planned({"P1.equipment_value": 480000, "P2.equipment_value": 4800000}, unit_costs=unit_costs)
    assert done(plan) == [("buy", "equipment_value", 1120000, None, "P1")]
    assert plan.cost == 1120000
    assert plan.least_cost <= plan.cost


def test_demands_that_only_together_cannot_be_kept():
    """10 of 1000 pupils and 1 of 10 is all there is and all that is needed, but differs by 0.8."""
    big = small_school("B", 1000, backbone=10, above_qualification=60, pe_arts=30, total=80)
    tiny = small_school("T", 10, backbone=1, above_qualification=1, pe_arts=1, total=3)
    plan = planned({}, add=[big, tiny], without=["P1", "P2"])
    (obstacle,) = plan.impossible_because
    assert obstacle.kind == "together"
    assert set(obstacle.families) == {("school_rule", "primary"), ("difference", "primary", "R2")}
    assert "小学 R2 骨干教师的校际差异系数" in obstacle.sentence("zh")


def test_private_schools_take_no_part_unless_they_are_named():
    changes = {f"P1.{BACKBONE}": 1, f"P2.{BACKBONE}": 5, "P2.ownership": "private"}
    plan = planned(changes)
    assert [each.kind for each in plan.impossible_because] == ["too_few"]
    both = planned(changes, ownership=("public", "private"))
    assert done(both) == [("move", "backbone", 2, "P2", "P1")]


def test_no_more_teachers_are_exchanged_than_the_school_has():
    changes = {f"P1.{BACKBONE}": 1, f"P2.{BACKBONE}": 9, "P1.teachers.primary.total": 2}
    obstacles = planned(changes).impossible_because
    assert [(each.kind, each.school, each.needed, each.available) for each in obstacles] == [
        ("school_full", "P1", 3, 2)
    ]


def test_visiting_teachers_stay_where_they_are():
    """P1, rural with 90 pupils, counts three visiting teachers; they cannot go to P2, which lacks one."""
    rural = small_school("P1", 90, pe_arts=0, pe_arts_visiting=3, backbone=1, above_qualification=6)
    plan = planned({"P2.teachers.primary.pe_arts": 1}, add=[rural | {"locality": "rural"}], without=["P1"])
    assert plan.impossible_because[0].kind == "too_few"
    assert plan.impossible_because[0].available == 1


def test_a_merged_unit_gives_the_teachers_of_its_members():
    point = small_school("U", 60, backbone=6) | {"kind": "teaching_point", "counted": False}
    changes = {f"P1.{BACKBONE}": 0, f"P2.{BACKBONE}": 1, "P1.teachers.primary.total": 30}
    plan = planned(changes, add=[point | {"merge_into": "P2"}])
    assert done(plan) == [("move", "backbone", 1, "P2", "P1"), ("move", "backbone", 2, "U", "P1")]


def test_what_is_missing_is_named_before_anything_is_planned():
    plan = planned({"P1.multimedia_rooms": "absent", f"P2.{BACKBONE}": 1}, unit_costs=UNIT_COSTS)
    assert plan.status == "undetermined"
    assert plan.missing == ("schools[P1].multimedia_rooms",)
    assert "网络多媒体教室数" in plan.sentence("zh")


def test_a_stage_without_schools_is_missing():
    assert planned({}, without=["J1", "J2"]).missing == ("schools.junior",)


def test_figures_nobody_has_are_bought():
    """No backbone teacher anywhere: there is no coefficient until somebody has one."""
    changes = {f"P1.{BACKBONE}": 0, f"P2.{BACKBONE}": 0}
    assert planned(changes).impossible_because[0].available == 0
    assert planned(changes, unit_costs=UNIT_COSTS).cost == 6 * 50000


def test_moves_have_a_price_where_one_is_named():
    plan = planned(
        {f"P1.{BACKBONE}": 1, f"P2.{BACKBONE}": 5},
        unit_costs=UNIT_COSTS,
        moving_costs={"backbone": Fraction(60000)},
    )
    assert done(plan) == [("buy", "backbone", 2, None, "P1")]
    assert plan.cost == 100000
    assert plan.moving_fails_because == ()


def test_the_county_mean_counts_what_all_have_together():
    """9 and 11 pass school by school (one of seven may stay at 85 %), but make 20 of the 20.16 needed."""
    scheme = with_rules(county_mean=MeanRule(label=Text(zh="均值", en="mean"), clause="一"))
    changes = {
        "P1.teachers.primary.above_qualification": 9,
        "P2.teachers.primary.above_qualification": 11,
    }
    (obstacle,) = planned(changes, scheme=scheme).impossible_because
    assert (obstacle.kind, obstacle.needed, obstacle.available) == ("mean_fixed", Fraction("20.16"), 20)
    plan = planned(changes, scheme=scheme, unit_costs={"above_qualification": Fraction(80000)})
    assert plan.cost == 80000


def composite(limit):
    bounds = StageBounds(primary=Bound(at_most=Fraction(limit)), junior=Bound(at_most=Fraction(limit)))
    return with_rules(
        composite=DifferenceRule(bounds=bounds, label=Text(zh="综合", en="composite"), clause="一")
    )


def test_the_composite_coefficient_is_brought_down():
    """3 and 5 differ by 0.25 and the other six by nothing: a seventh of it is 0.0357, above 0.02."""
    plan = planned({f"P1.{BACKBONE}": 3, f"P2.{BACKBONE}": 5}, scheme=composite("0.02"))
    assert done(plan) == [("move", "backbone", 1, "P2", "P1")]
    assert plan.after.of("R.composite", stage="primary").value == 0


def test_a_composite_with_purchases_passes_though_its_least_cost_is_a_bound():
    changes = {"P1.equipment_value": 600000, "P2.equipment_value": 1800000}
    plan = planned(changes, scheme=composite("0.05"), unit_costs={"equipment_value": Fraction(1)})
    assert plan.status == "found"
    assert plan.after.of("R.composite", stage="primary").outcome is Outcome.MET
    assert 0 <= plan.least_cost <= plan.cost


def test_a_composite_that_nothing_can_change_is_named():
    changes = {"P1.equipment_value": 600000, "P2.equipment_value": 1800000}
    (obstacle,) = planned(changes, scheme=composite("0.05")).impossible_because
    assert (obstacle.kind, obstacle.families) == ("together", (("composite", "primary"),))
    assert "小学综合差异系数" in obstacle.sentence("zh")
    private = {f"{code}.ownership": "private" for code in ("P1", "P2")}
    (obstacle,) = planned(changes | private, scheme=composite("0.05")).impossible_because
    assert (obstacle.kind, obstacle.stage) == ("composite_fixed", "primary")


def test_a_limit_that_was_reached_is_reported():
    plan = planned({f"P1.{BACKBONE}": 3, f"P2.{BACKBONE}": 12}, rounds=1)
    assert (plan.status, plan.iterations, plan.after) == ("unfinished", 1, None)
    assert "没有找到方案" in plan.sentence("zh")


@pytest.mark.parametrize(
    "id_", ["national-2017", "shanxi-2022", "lingchuan-2021", "haicheng-2023", "hunan-2023"]
)
def test_what_is_broken_is_what_the_evaluation_finds_broken(id_):
    """The exact check of a plan agrees with the evaluation on rules for schools and for the county."""
    scheme = load_scheme(id_)
    changes = {
        f"P1.{BACKBONE}": 1,
        f"P2.{BACKBONE}": 17,
        "J1.teachers.junior.pe_arts": 0,
        "J2.equipment_value": 8000000,
    }
    file = read_county(changed(county(), changes))
    ground = standing(file, scheme)
    found = {family[:2] for family in broken(ground, [0] * len(ground.holdings))}
    plan = plan_remedies(file, scheme)
    failing = {
        (finding.id, finding.stage)
        for finding in plan.before.findings
        if finding.section == "resources" and finding.outcome is Outcome.NOT_MET
    }
    for stage in ("primary", "junior"):
        assert (("school_rule", stage) in found) == (("R.school", stage) in failing)
        differing = any(id_.endswith(".difference") and at == stage for id_, at in failing)
        assert (("difference", stage) in found) == differing


def test_a_plan_is_a_document():
    document = planned({f"P1.{BACKBONE}": 1, f"P2.{BACKBONE}": 5}).document("en")
    assert document["status"] == "found"
    assert document["comparison"]["sections"]["resources"]["after"] == "met"
    assert document["changes"][0]["sentence"].startswith(
        "move 2 primary backbone teachers from P2学校 to P1学校"
    )
