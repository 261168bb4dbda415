"""A frame is fixed by its digest, and says everything that is wrong with it."""

import hashlib
from dataclasses import replace

import pytest

from sampling import ArgumentError, Frame, FrameFaultsError, FrameUnit, Population, draw_sample
from tests.sampling import county

UNIT = FrameUnit(group="parent", id="s1", band="primary", locality="town", school="一小", size=420)


def codes(frame, **known):
    return [(fault.code, fault.group, fault.unit, fault.value) for fault in frame.faults(**known)]


def test_the_text_is_what_the_digest_covers():
    frame = Frame([UNIT, replace(UNIT, id="s0", size=3)])
    assert frame.text == (
        "frame 1\n"
        "group\tid\tband\tlocality\ttownship\tschool\tsize\n"
        "parent\ts0\tprimary\ttown\t\t一小\t3\n"
        "parent\ts1\tprimary\ttown\t\t一小\t420\n"
    )
    assert frame.digest == hashlib.sha256(frame.text.encode("utf-8")).hexdigest()


def test_the_order_of_the_units_does_not_matter_and_every_column_does():
    frame = county.frame()
    assert Frame(reversed(frame.units)) == frame
    assert Frame(reversed(frame.units)).digest == frame.digest
    changes = [
        {"size": 421},
        {"band": "junior"},
        {"township": "x"},
        {"school": "二小"},
        {"locality": "rural"},
    ]
    assert len({Frame([replace(UNIT, **change)]).digest for change in [{}, *changes]}) == 6


def test_a_sound_frame_has_no_faults():
    assert codes(county.frame(), groups=["parent", "deputy"], population=Population(residents=360_000)) == []


@pytest.mark.parametrize(
    ("unit", "fault"),
    [
        (replace(UNIT, size=-1), ("size_negative", "parent", "s1", -1)),
        (replace(UNIT, size=4.5), ("size_not_whole", "parent", "s1", 4.5)),
        (replace(UNIT, size=True), ("size_not_whole", "parent", "s1", True)),
        (replace(UNIT, band=None), ("not_text", "parent", "s1", None)),
        (replace(UNIT, id=" "), ("blank", "parent", " ", " ")),
        (replace(UNIT, school="一\t小"), ("control_character", "parent", "s1", "一\t小")),
        (UNIT, ("duplicate", "parent", "s1", 2)),
    ],
)
def test_each_fault_of_a_unit_is_named(unit, fault):
    assert codes(Frame([UNIT, unit]))[0] == fault


def test_a_frame_is_read_back_from_its_text():
    frame = county.frame()
    assert Frame.from_text(frame.text) == frame
    assert Frame.from_text(Frame([]).text) == Frame([])


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("frame 1", "frame 9", "line 1"),
        ("township", "town", "line 2"),
        ("420", "many", "line 3"),
        ("\t420", "", "line 3"),
        ("420\n", "420\n\n", "line 4"),
    ],
)
def test_a_text_that_is_no_frame_is_refused_by_line(old, new, line):
    with pytest.raises(ArgumentError) as refusal:
        Frame.from_text(Frame([UNIT]).text.replace(old, new))
    assert refusal.value.name == line


def test_faults_of_groups_are_named():
    frame = Frame([UNIT, replace(UNIT, group="student", size=0), replace(UNIT, group="deputy", size=90)])
    population = Population(residents=400, groups={"deputy": 120})
    assert codes(frame, groups=["teacher"], population=population) == [
        ("empty_group", "teacher", None, 0),
        ("empty_group", "student", None, 0),
        ("group_size", "deputy", None, 90),
        ("more_than_residents", "parent", None, 420),
    ]


def test_gaps_registry_and_impossible_sizes_are_named_beside_what_they_should_be():
    frame = Frame(
        [
            UNIT,
            replace(UNIT, id="s2", band=" ", school="二小", size=90),
            replace(UNIT, id="s3", band="", school="三小", size=0),
            replace(UNIT, id="s4", school="四小", size=90_000),
            replace(UNIT, id="s5", band="junior", size=80),
            replace(UNIT, group="deputy", id="county", band="", school="", size=90),
        ]
    )
    found = frame.faults(
        needed={"parent": ["band", "locality"]},
        registry={"parent": {"一小": 500, "二小": 91, "五小": 40, "六小": 0}},
        most={"parent": 20_000},
    )
    assert [(fault.code, fault.unit, fault.field, fault.value, fault.expected) for fault in found] == [
        ("missing", "s2", "band", " ", None),
        ("size_impossible", "s4", "size", 90_000, 20_000),
        ("registry_total", "二小", "school", 90, 91),
        ("not_in_registry", "四小", "school", 90_000, None),
        ("not_in_frame", "五小", "school", None, 40),
    ]


def test_a_frame_that_fits_its_registry_has_no_faults():
    registry = {"parent": {}}
    for unit in county.frame().of("parent"):
        registry["parent"][unit.school] = registry["parent"].get(unit.school, 0) + unit.size
    needed = {"parent": ["band", "locality", "township", "school"]}
    assert codes(county.frame(), needed=needed, registry=registry, most={"parent": 440}) == []


def test_a_needed_column_that_there_is_not_is_refused():
    with pytest.raises(ArgumentError, match="needed"):
        county.frame().faults(needed={"parent": ["surname"]})


def test_nothing_is_drawn_from_a_faulty_frame_and_all_faults_are_listed():
    units = county.frame().units
    broken = Frame([*units, replace(units[0], size=-1), replace(units[5], size=-2)])
    with pytest.raises(FrameFaultsError) as refusal:
        draw_sample(broken, county.PLAN, seed="1")
    found = sorted(fault.code for fault in refusal.value.faults)
    assert found == ["duplicate", "duplicate", "size_negative", "size_negative"]


def test_a_planned_group_without_people_is_refused():
    with pytest.raises(FrameFaultsError, match="empty_group"):
        draw_sample(Frame([UNIT]), county.PLAN, seed="1")
