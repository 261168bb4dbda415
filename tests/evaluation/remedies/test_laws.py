"""Laws of plans and mergers, and the optimum against every possibility."""

from fractions import Fraction
from itertools import product

from hypothesis import given, settings
from hypothesis import strategies as st

from evaluation import Outcome, difference_coefficient, load_scheme, plan_remedies, read_county, read_mergers
from evaluation.remedies.merging import OF_TOTAL, STAFF, merge_schools
from tests.evaluation.situations import changed, county, school

SCHEME = load_scheme("shanxi-2022")
FEW = settings(max_examples=20, deadline=None)
UNIT_COSTS = {
    "above_qualification": Fraction(80000),
    "backbone": Fraction(50000),
    "pe_arts": Fraction(70000),
    "teaching_area": Fraction(3000),
    "sports_ground_area": Fraction(500),
    "equipment_value": Fraction(1),
    "multimedia_rooms": Fraction(30000),
}


@FEW
@given(
    st.lists(st.integers(0, 9), min_size=4, max_size=4),
    st.lists(st.integers(2, 9), min_size=4, max_size=4),
    st.lists(st.integers(300000, 3000000), min_size=4, max_size=4),
)
def test_a_plan_always_makes_the_resource_section_pass(backbone, rooms, equipment):
    document = county()
    for place, row in enumerate(document["schools"]):
        (stage,) = row["teachers"]
        row["teachers"][stage]["backbone"] = backbone[place]
        row["multimedia_rooms"], row["equipment_value"] = rooms[place], equipment[place]
    plan = plan_remedies(read_county(document), SCHEME, unit_costs=UNIT_COSTS)
    assert plan.status in ("met", "found")
    assert 0 <= plan.least_cost <= plan.cost == sum(change.cost for change in plan.changes)
    if plan.after is not None:
        assert plan.after.sections["resources"] is Outcome.MET
        moved = [change for change in plan.changes if change.kind == "move"]
        assert all(change.amount > 0 and change.school != change.from_school for change in moved)


def passes(backbone, rooms):
    """Whether two primary schools of 240 pupils pass: six of seven, 85 % of the rest, coefficients to 0.5."""
    for have, space in zip(backbone, rooms, strict=True):
        enough = [have * 100 >= 240, space * 100 >= Fraction("2.3") * 240]
        floor = [
            have * 100 >= Fraction("0.85") * 240,
            space * 100 >= Fraction("0.85") * Fraction("2.3") * 240,
        ]
        if not all(floor) or sum(enough) < 1:
            return False
    return all(sum(each) and difference_coefficient(each, [240, 240]) <= 0.5 for each in (backbone, rooms))


def cheapest(backbone, rooms, price, room):
    """The least cost and the fewest moves at that cost, by trying everything."""
    best = None
    for moved in range(-backbone[1], backbone[0] + 1):
        for extra in product(range(6), range(6), range(8), range(8)):
            after = (backbone[0] - moved + extra[0], backbone[1] + moved + extra[1])
            cost = (price * sum(extra[:2]) + room * sum(extra[2:]), abs(moved))
            if (best is None or cost < best) and passes(after, (rooms[0] + extra[2], rooms[1] + extra[3])):
                best = cost
    return best


@settings(max_examples=12, deadline=None)
@given(
    st.tuples(st.integers(0, 8), st.integers(0, 8)),
    st.tuples(st.integers(2, 9), st.integers(2, 9)),
    st.integers(1, 9),
    st.integers(1, 9),
)
def test_no_possibility_beats_the_plan(backbone, rooms, price, room):
    changes = {
        "P1.teachers.primary.backbone": backbone[0],
        "P2.teachers.primary.backbone": backbone[1],
        "P1.multimedia_rooms": rooms[0],
        "P2.multimedia_rooms": rooms[1],
    }
    unit_costs = {"backbone": Fraction(price), "multimedia_rooms": Fraction(room)}
    plan = plan_remedies(read_county(changed(county(), changes)), SCHEME, unit_costs=unit_costs)
    moved = sum(change.amount for change in plan.changes if change.kind == "move")
    assert (plan.cost, moved) == cheapest(backbone, rooms, price, room)
    assert plan.proven


@st.composite
def shared(draw):
    """A school with any staff, given up to one, two or three others in any shares."""
    row = school("M", "primary")
    row["pupils"] = {"primary": draw(st.integers(0, 300))}
    total = draw(st.integers(0, 30))
    row["teachers"]["primary"] = {"total": total} | {
        figure: draw(st.integers(0, total)) for figure in OF_TOTAL
    }
    row["equipment_value"] = draw(st.integers(0, 10**8)) / 100
    weights = draw(st.lists(st.integers(1, 20), min_size=1, max_size=3))
    codes = draw(st.permutations(["P1", "P2", "J1"]))
    shares = [f"{weight}/{sum(weights)}" for weight in weights]
    into = [{"school": code, "share": share} for code, share in zip(codes, shares, strict=False)]
    return row, into


@settings(max_examples=60, deadline=None)
@given(shared(), st.booleans())
def test_merging_conserves_pupils_teachers_and_what_moves(case, equipment_moves):
    row, into = case
    document = county()
    for other in document["schools"]:
        for staff in other["teachers"].values():
            staff["pe_arts_specialist"] = 1
    before = read_county(document | {"schools": [*document["schools"], row]})
    table = {
        "format": "mergers/1",
        "equipment_moves": equipment_moves,
        "mergers": [{"school": "M", "into": into}],
    }
    merged = merge_schools(before, read_mergers(table))
    after = merged.county
    for stage in ("primary", "junior"):
        pupils = [sum(each.pupils_in(stage) or 0 for each in file.schools) for file in (before, after)]
        assert pupils[0] == pupils[1]
        for figure in STAFF:
            counts = [
                sum(each.staff_in(stage, figure) or 0 for each in file.schools) for file in (before, after)
            ]
            assert counts[0] == counts[1]
    value = [sum(each.equipment_value or 0 for each in file.schools) for file in (before, after)]
    left = merged.left_behind["M"].get("equipment_value", 0)
    assert value[0] == value[1] + left
    for transfer in merged.transfers:
        for staff in transfer.teachers.values():
            assert all((staff[figure] or 0) <= (staff["total"] or 0) for figure in OF_TOTAL)
