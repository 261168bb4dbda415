"""Where the official rate is the mean of the groups' rates, it is one more equation for whoever adds up."""

import random
from dataclasses import replace

import numpy as np
import pytest

from survey_app.assessments.readings import alternatives_of
from survey_app.results.disclosure import WHOLE, Atom, settle
from survey_app.results.rates.breakdowns import GROUP
from survey_app.surveys import service as surveys
from tests.attacks.linear import Knowledge, Pinned, sums
from tests.attacks.test_hidden_cells import answered, nasty, simulated, worlds


def found_out(atoms: list[Atom], hidden: frozenset) -> list[Pinned]:
    """What a reader of the tables, the whole and the averaged rate pins, beyond what that rate alone does."""
    sizes = {level: n for (table, level), (n, _) in sums(atoms).items() if table == GROUP}
    row = np.array([1 / sizes[atom.levels[GROUP][0]] for atom in atoms])
    mean = row, float(row @ np.array([atom.above for atom in atoms], dtype=float))
    knowledge, alone = Knowledge(atoms=atoms), Knowledge(atoms=atoms)
    if WHOLE not in hidden:
        knowledge.read_whole()
    knowledge.read({key: above for key, (_, above) in sums(atoms).items() if key not in hidden})
    knowledge.equations.append(mean)
    alone.equations.append(mean)
    pinned = []
    for cell in (key for key in sums(atoms) if key in hidden):
        least, greatest = knowledge.range(knowledge.cell(cell))
        lowest, highest = alone.range(alone.cell(cell))
        if greatest - least < min(5, highest - lowest) - 1e-4:
            true = sums(atoms)[cell][1]
            pinned.append(Pinned(cell=cell, least=least, greatest=greatest, true=true))
    return pinned


WAVES = {**{str(seed): seed for seed in range(15)}, **dict(nasty())}


def wave(name: str) -> list[Atom]:
    """The wave of that name."""
    found = WAVES[name]
    return simulated(random.Random(found)) if isinstance(found, int) else found


@pytest.mark.parametrize("name", WAVES)
def test_an_averaged_rate_pins_no_withheld_number(name):
    atoms = wave(name)
    assert not found_out(atoms, settle(atoms, mean_of=GROUP))


def test_a_decision_that_forgets_the_averaged_rate_is_found_out():
    assert any(found_out(wave(name), settle(wave(name))) for name, _ in nasty())


def test_of_two_groups_the_sum_goes_and_the_rate_stays():
    atoms = wave("two cells only")
    assert WHOLE in settle(atoms, mean_of=GROUP)
    assert WHOLE not in settle(atoms)


def test_the_frozen_figures_hold_the_rate_without_the_sum_that_gives_a_group_away(app, monkeypatch):
    declared = surveys.rules_of
    monkeypatch.setattr(surveys, "rules_of", lambda wave: replace(declared(wave), weighting="equal_groups"))
    units, levels = worlds()["one list of few, beside a large one"]
    kept = {"teacher", "public"}
    _, outcome = answered(
        app,
        tuple(unit for unit in units if unit.group in kept),
        {group: said for group, said in levels.items() if group in kept},
    )
    assert outcome["official"]["rate"] is not None
    assert outcome["official"]["satisfied"] is None
    assert outcome["form_vi"][0]["satisfied"] is None
    assert outcome["alternatives"] == outcome["readings"] == outcome["variants"] == []
    assert all(row["withheld"] for table in outcome["breakdowns"] for row in table["rows"])
    found = alternatives_of(outcome)
    assert [(each.id, each.counts) for each in found] == [("official", ())]
