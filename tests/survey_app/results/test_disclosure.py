from collections import Counter
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from survey_app.results.disclosure import WIDTH, Atom, capped, settle, withheld


def test_ten_may_be_shown_and_nine_not():
    assert withheld({"a": 10, "b": 10}) == frozenset()
    assert withheld({"a": 9, "b": 10, "c": 30}) == {"a", "b"}


def test_what_leaves_one_or_two_outside_is_withheld():
    assert withheld({"a": 100, "b": 2}) == {"a", "b"}


def test_a_group_without_answers_gives_nothing_away():
    assert withheld({"a": 100, "b": 40, "c": 0}) == frozenset()


@given(st.dictionaries(st.sampled_from("abcdefg"), st.integers(0, 60), max_size=7))
def test_no_difference_reveals_fewer_than_ten(counts):
    hidden = withheld(counts)
    n = sum(counts[part] for part in hidden)
    shown = [part for part in counts if part not in hidden and counts[part]]
    assert all(counts[part] >= 10 for part in shown)
    assert not hidden or not shown or (len(hidden) > 1 and n >= 10)


def attacked(atoms, hidden, cell):
    """The least and the greatest satisfied of *cell* that agree with everything shown, valid counts too.

    Written apart from the module: variables are satisfied and dissatisfied, and the valid counts bind them.
    """
    cells = sorted({key for atom in atoms for key in atom.cells} - set(hidden))
    rows, sums = [], []
    for inside in [lambda _: True, *(lambda atom, key=key: key in atom.cells for key in cells)]:
        held = [float(inside(atom)) for atom in atoms]
        rows += [held + [0.0] * len(atoms), held + held]
        sums += [sum(atom.above for atom in atoms if inside(atom)), sum(a.n for a in atoms if inside(a))]
    wanted = np.array([float(cell in atom.cells) for atom in atoms] + [0.0] * len(atoms))
    return [
        sign * linprog(sign * wanted, A_eq=np.array(rows), b_eq=np.array(sums), bounds=(0, None)).fun
        for sign in (1.0, -1.0)
    ]


@st.composite
def waves(draw):
    """Answers of a few groups in a few places; small ones among them."""
    atoms = []
    for group in ("parent", "student", "teacher", "public"):
        for place in ("town", "rural") if group in ("parent", "student") else ("",):
            n = draw(st.sampled_from([0, 3, 7, 12, 25, 60]))
            if n:
                above = draw(st.integers(0, n))
                atoms.append(Atom(levels={"group": (group,), "place": (place,)}, n=n, above=above))
    return atoms


@settings(max_examples=40, deadline=None)
@given(waves())
def test_no_sum_over_all_tables_pins_a_withheld_number(atoms):
    hidden = settle(atoms)
    sizes = Counter()
    for atom in atoms:
        sizes.update(dict.fromkeys(atom.cells, atom.n))
    whole, above = sum(atom.n for atom in atoms), sum(atom.above for atom in atoms)
    assert whole < 10 or all(n >= 10 for key, n in sizes.items() if key not in hidden)
    for cell in hidden:
        low, high = attacked(atoms, hidden, cell)
        n = sizes[cell]
        # What the official figure alone tells of n questionnaires cannot be taken back.
        open_to_all = min(n, above) - max(0, n - (whole - above))
        assert high - low >= min(WIDTH, open_to_all) - 1e-6, (cell, low, high)


def test_control_tables_decided_one_by_one_give_the_pupils_away():
    places = [("parent", "town", 60), ("parent", "rural", 40), ("student", "town", 7), ("teacher", "", 9)]
    places += [("deputy", "", 12), ("public", "", 30)]
    atoms = [
        Atom(levels={"group": (group,), "place": (place,)}, n=n, above=n // 2) for group, place, n in places
    ]
    alone = {("group", each) for each in withheld({"parent": 100, "student": 7, "teacher": 9, "deputy": 12})}
    assert attacked(atoms, alone, ("group", "student")) == pytest.approx([3, 3])
    low, high = attacked(atoms, settle(atoms), ("group", "student"))
    assert high - low >= WIDTH


def test_a_sensitive_cell_takes_another_with_it():
    sizes = (("a", 40), ("b", 30), ("c", 20))
    atoms = [Atom(levels={"type": (kind,)}, n=n, above=n // 2) for kind, n in sizes]
    assert settle(atoms) == frozenset()
    assert settle(atoms, sensitive={("type", "a")}) == {("type", "a"), ("type", "c")}
    (whole,) = [Atom(levels={"type": ("a",)}, n=40, above=40)]
    assert settle([whole], sensitive={("type", "a")}) == frozenset()


@pytest.mark.parametrize(
    ("rate", "schools", "told"),
    [("19/20", 2, "high"), ("1/20", 1, "low"), ("19/20", 3, ""), ("189/200", 1, ""), ("1", 1, "high")],
)
def test_the_ends_of_a_schools_scale_are_told_as_limits(rate, schools, told):
    assert capped(Fraction(rate), schools=schools) == told
