"""Rounded tables stay adjacent to their exact ones and add up, within limits as far as these allow."""

import json
import math
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sampling import ArgumentError, round_table

TESTS = Path(__file__).parents[1]
EXAMPLE = json.loads((TESTS / "golden" / "examples.json").read_text(encoding="utf-8"))[
    "controlled_rounding_statcan_rtra"
]
NUMBERS = st.builds(Fraction, st.integers(0, 400), st.integers(1, 12))
TABLES = st.integers(1, 5).flatmap(
    lambda width: st.lists(st.lists(NUMBERS, min_size=width, max_size=width), min_size=1, max_size=5)
)


def adjacent(n, exact):
    return math.floor(exact) <= n <= math.ceil(exact)


def is_controlled(made):
    cells = zip(sum(made.n, ()), sum(made.exact, ()), strict=True)
    margins = [
        *zip(made.rows, made.exact_rows, strict=True),
        *zip(made.columns, made.exact_columns, strict=True),
    ]
    return all(adjacent(n, exact) for n, exact in [*cells, *margins, (made.total, sum(made.exact_rows))])


def test_the_published_table_is_rounded_under_control():
    base = EXAMPLE["base"]
    made = round_table([[Fraction(str(cell)) / base for cell in row] for row in EXAMPLE["table"]])
    assert is_controlled(made)
    published = [[cell // base for cell in row] for row in EXAMPLE["rounded"]]
    assert made.total == sum(map(sum, published)) == EXAMPLE["total"] // base
    assert (made.rows, made.columns) == (
        tuple(n // base for n in EXAMPLE["row"]),
        tuple(n // base for n in EXAMPLE["col"]),
    )


@settings(max_examples=200)
@given(TABLES)
def test_every_cell_row_column_and_the_total_is_adjacent(table):
    assert is_controlled(round_table(table))


@given(TABLES)
def test_whole_tables_stay_as_they_are(table):
    whole = [[math.floor(cell) for cell in row] for row in table]
    assert [list(row) for row in round_table(whole).n] == whole


@given(st.lists(NUMBERS, min_size=1, max_size=8))
def test_one_row_is_rounded_as_by_largest_remainders(row):
    (made,) = round_table([row]).n
    down = [cell - math.floor(cell) for cell, n in zip(row, made, strict=True) if n == math.floor(cell)]
    up = [cell - math.floor(cell) for cell, n in zip(row, made, strict=True) if n > cell]
    assert not up or not down or max(down) <= min(up)


@settings(max_examples=100)
@given(TABLES, st.data())
def test_limits_are_kept_and_what_they_cut_moves_along_row_and_column(table, data):
    limits = [[data.draw(st.one_of(st.none(), st.integers(0, 40))) for _ in row] for row in table]
    made = round_table(table, at_most=limits)
    for row, bounds in zip(made.n, limits, strict=True):
        assert all(bound is None or n <= bound for n, bound in zip(row, bounds, strict=True))
    if any(None in bounds for bounds in limits):
        assert adjacent(made.total, sum(made.exact_rows))


def test_a_full_cell_passes_its_units_on_within_row_and_column():
    made = round_table([[10, 10], [10, 10]], at_most=[[4, None], [None, None]])
    assert (made.n, made.rows, made.columns) == (((4, 16), (16, 4)), (20, 20), (20, 20))


def test_rows_are_held_before_columns():
    made = round_table([[10, 10], [10, 10]], at_most=[[4, None], [10, None]])
    assert (made.n, made.rows, made.columns) == (((4, 16), (10, 10)), (20, 20), (14, 26))


def test_other_margins_than_the_cells_add_up_to_can_be_asked_for():
    made = round_table([[1, 1], [1, 1]], rows=[3, 1], columns=[2, 2])
    assert (made.rows, made.columns) == ((3, 1), (2, 2))


@pytest.mark.parametrize(
    ("arguments", "name"),
    [
        ({"table": []}, "table"),
        ({"table": [[1, 2], [3]]}, "table"),
        ({"table": [[1, 0.5]]}, "row 1"),
        ({"table": [[1, -1]]}, "row 1"),
        ({"at_most": [[1]]}, "at_most"),
        ({"at_most": [[1, -1]]}, "at_most"),
        ({"rows": [1, 2]}, "rows"),
        ({"columns": [1, 3]}, "columns"),
    ],
)
def test_a_broken_table_is_refused_by_name(arguments, name):
    given_ = {"table": [[1, 2]]} | arguments
    with pytest.raises(ArgumentError) as refusal:
        round_table(given_.pop("table"), **given_)
    assert refusal.value.name == name
