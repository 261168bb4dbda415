"""Where one question decides who is satisfied, its rows are figures of the forms' questionnaires."""

from dataclasses import replace

import pytest

from survey_app.db import db
from survey_app.results.merging import POSTER, SUMMED
from survey_app.results.models import WaveOutcome
from survey_app.results.rates import breakdowns
from survey_app.results.rates.breakdowns import FORM, GROUP
from survey_app.surveys import service as surveys
from survey_app.surveys.groups import form_for_group
from tests.attacks.linear import Knowledge, Pinned, attack, sums
from tests.attacks.test_hidden_cells import answered, published, truth, worlds

#: Deputies answer the parents' form: its deciding question less the parents would be the deputies.
DEPUTIES = "a few deputies, beside pupils"


def waves():
    """The waves of the other attacks, and one where a list of few shares its form with a large one."""
    units, levels = worlds()["one list of few, beside a large one"]
    schools = [unit for unit in units if unit.group == "parent"]
    person = next(unit for unit in units if unit.group == "teacher")
    given = {"parent": levels["parent"], "deputy": levels["teacher"], "student": "5515251555152515"}
    own = (*schools, *(replace(person, group=group) for group in ("deputy", "student")))
    return {**worlds(), DEPUTIES: (own, given)}


@pytest.fixture
def one_question(monkeypatch):
    """Waves in which the one overall question decides."""
    declared = surveys.rules_of
    monkeypatch.setattr(surveys, "rules_of", lambda wave: replace(declared(wave), satisfaction="overall"))


def pinned(app, name: str) -> list[Pinned]:
    """What a reader of all tables and of the deciding questions can tell of the wave of that name."""
    number, outcome = answered(app, *waves()[name])
    with app.test_request_context():
        wave = surveys.get_wave(db.session, number)
        atoms = [
            replace(each, levels={**each.levels, FORM: (_form(each.levels[GROUP][0]),)})
            for each in truth(wave)
        ]
        shown = published(wave, outcome, db.session.get_one(WaveOutcome, number).digest)
        for row in outcome["items"]:
            if row["overall"] and not row["withheld"]:
                shown[FORM, row["form"]] = row["positive"]
        for key, value in shown.items():
            assert sums(atoms)[key][1] == value, key
        knowledge = Knowledge(atoms=atoms)
        if outcome["official"]["satisfied"] is not None:
            knowledge.read_whole()
        knowledge.read(shown)
        hidden = [key for key in sums(atoms) if key not in shown and key[0] != FORM]
        return attack(knowledge, hidden) if knowledge.equations else []


def _form(group: str) -> str:
    if group == SUMMED:
        return SUMMED
    return "public" if group == POSTER else form_for_group(group.partition("+")[0])


@pytest.mark.usefixtures("one_question")
@pytest.mark.parametrize("name", waves())
def test_the_deciding_question_gives_no_withheld_number_away(app, name):
    assert not pinned(app, name)


@pytest.mark.usefixtures("one_question")
def test_a_decision_that_forgets_the_question_is_found_out(app, monkeypatch):
    decide = breakdowns.break_down
    monkeypatch.setattr(
        "survey_app.results.outcome.break_down",
        lambda *given, **named: decide(*given, **{**named, "one_question": False}),
    )
    assert pinned(app, DEPUTIES)
