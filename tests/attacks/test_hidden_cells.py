"""A linear-programming reader cannot tell a withheld number within five; without complements it can."""

import csv
import io
import json
import random
from collections.abc import Collection, Iterator, Sequence

import numpy as np
import pytest
from openpyxl import load_workbook

from survey_app.db import db
from survey_app.results import form_vi
from survey_app.results.counting import counts_by_group
from survey_app.results.disclosure import MINIMUM, Atom, Key, published_tables, settle
from survey_app.results.exports import tables
from survey_app.results.judging import judge_responses, sets_of
from survey_app.results.merging import POSTER, SUMMED
from survey_app.results.models import MixedCell, WaveOutcome
from survey_app.results.outcome import targets_of
from survey_app.results.rates.breakdowns import GROUP, SUMMED_UP, TRAITS, school_types
from survey_app.results.summing import Sums
from survey_app.surveys import service as surveys
from tests.attacks.linear import Knowledge, Pinned, attack, sums
from tests.survey_app.respond.field import Unit
from tests.survey_app.results.test_outcome import finished

GROUPS = ("parent", "student", "teacher", "principal", "deputy", "cppcc_member", "public")
PLACES = ("urban", "town", "rural")
BANDS = ("primary", "junior")
KINDS = ("primary", "junior", "nine_year")


def simulated(rng: random.Random) -> list[Atom]:
    """A wave's answers by the cells they stand in: a few large ones, many small ones, some groups tiny."""
    found: dict[tuple[str, ...], list[int]] = {}
    satisfied = rng.choice([0.3, 0.6, 0.85, 0.95])
    for group in rng.sample(GROUPS, rng.randint(3, 7)):
        people = rng.choice([10, 11, 14, 20, 45, 90, 200])
        for _ in range(people):
            if group in ("parent", "student"):
                at = (rng.choice(PLACES), rng.choice(BANDS), rng.choice(KINDS))
                where = tuple(trait if rng.random() < 0.97 else "" for trait in at)
            else:
                where = ("", "", "")
            mode = "phone" if rng.random() < 0.08 else "web"
            cell = found.setdefault((group, *where, mode), [0, 0])
            valid = group not in ("deputy", "cppcc_member") or rng.random() < 0.6
            cell[0] += valid
            cell[1] += valid and rng.random() < satisfied
    names = (GROUP, "locality", "grade_band", "school_type", "mode")
    return [
        Atom(levels={name: (level,) for name, level in zip(names, where, strict=True)}, n=n, above=above)
        for where, (n, above) in found.items()
        if n
    ]


def nasty() -> Iterator[tuple[str, list[Atom]]]:
    """Waves made to be found out."""

    def atoms(*rows: tuple[str, str, int, int]) -> list[Atom]:
        return [
            Atom(levels={GROUP: (group,), "locality": (where,)}, n=n, above=above)
            for group, where, n, above in rows
        ]

    yield (
        "two small groups behind one sum",
        atoms(
            ("parent", "town", 100, 80),
            ("parent", "rural", 40, 30),
            ("student", "town", 7, 3),
            ("teacher", "", 9, 9),
            ("deputy", "", 12, 6),
        ),
    )
    yield (
        "a place that is one group",
        atoms(
            ("parent", "town", 60, 50),
            ("student", "rural", 9, 4),
            ("teacher", "", 30, 20),
            ("public", "", 30, 12),
        ),
    )
    yield (
        "everybody else is at the end of the scale",
        atoms(
            ("parent", "town", 50, 50),
            ("parent", "rural", 50, 50),
            ("teacher", "", 9, 5),
            ("deputy", "", 9, 4),
        ),
    )
    yield (
        "one small cell in each table",
        atoms(
            ("parent", "town", 9, 5),
            ("parent", "rural", 90, 60),
            ("student", "town", 50, 20),
            ("teacher", "", 9, 2),
            ("public", "", 15, 9),
        ),
    )
    yield "two cells only", atoms(("parent", "town", 200, 150), ("teacher", "", 9, 6))


def told(atoms: Sequence[Atom], hidden: Collection[Key]) -> Knowledge:
    """What a reader of the tables knows where the cells in *hidden* are withheld."""
    knowledge = Knowledge(atoms=atoms)
    knowledge.read_whole()
    knowledge.read({key: above for key, (_, above) in sums(atoms).items() if key not in hidden})
    return knowledge


def found_out(atoms: Sequence[Atom], hidden: Collection[Key]) -> list[Pinned]:
    """The withheld cells that the tables give away."""
    return attack(told(atoms, hidden), [key for key in sums(atoms) if key in hidden])


@pytest.mark.parametrize("seed", range(40))
def test_no_withheld_number_of_a_simulated_wave_can_be_told_within_five(seed):
    atoms = simulated(random.Random(seed))
    assert not found_out(atoms, settle(atoms))


@pytest.mark.parametrize(
    ("name", "atoms"), list(nasty()), ids=lambda each: each if isinstance(each, str) else ""
)
def test_nor_one_of_a_wave_made_to_be_found_out(name, atoms):
    assert not found_out(atoms, settle(atoms)), name


def test_the_attack_finds_what_is_withheld_without_complements():
    caught = 0
    for seed in range(40):
        atoms = simulated(random.Random(seed))
        small = {key for key, (n, _) in sums(atoms).items() if n < MINIMUM}
        caught += bool(found_out(atoms, small))
    assert caught >= 20
    small = {name: {key for key, (n, _) in sums(atoms).items() if n < MINIMUM} for name, atoms in nasty()}
    assert sum(bool(found_out(atoms, small[name])) for name, atoms in nasty()) == 4


#: What people of each group answer: groups whose valid answers are few although ten or more came in.
DK = "d"


def worlds() -> dict[str, tuple[tuple[Unit, ...], dict[str, str]]]:
    """Waves in the database: their cards, and the level of each answer by group (`d`: mostly 不了解)."""
    schools = tuple(
        Unit(
            group="parent",
            psu=f"P{n}",
            stratum="town" if n % 2 else "rural",
            cards=14,
            grade_band="primary" if n < 4 else "junior",
            locality="town" if n % 2 else "rural",
        )
        for n in range(6)
    )
    persons = {
        group: Unit(group=group, cards=30, size=400) for group in ("teacher", "deputy", "public", "student")
    }
    mixed = "55152" * 20
    return {
        "two lists of few valid answers": (
            (*schools, persons["teacher"], persons["public"]),
            {"parent": mixed[:84], "teacher": "51525" + DK * 7, "public": "1515152" + DK * 5},
        ),
        "one list of few, beside a large one": (
            (*schools, persons["teacher"], persons["public"]),
            {"parent": mixed[:84], "teacher": "51525" + DK * 7, "public": mixed[:30]},
        ),
        "three lists, hardly a valid answer": (
            (*schools, *(persons[group] for group in ("teacher", "deputy", "public"))),
            {
                "parent": mixed[:84],
                "teacher": "515" + DK * 9,
                "deputy": "5152511" + DK * 6,
                "public": "51" + DK * 10,
            },
        ),
        "a few pupils that are only summed up": (
            (*schools, persons["teacher"], Unit(group="student", psu="P0", stratum="rural", cards=6)),
            {"parent": mixed[:84], "teacher": mixed[:14], "student": "515251"},
        ),
        "few answers in all": ((persons["teacher"],), {"teacher": "51525" + DK * 6}),
    }


def answered(app, units, levels) -> tuple[int, dict]:
    """Put a wave of `worlds` into the database and finish it; its number and figures."""
    from survey_app.respond import service as respond
    from survey_app.surveys.groups import form_for_group
    from tests.survey_app.respond.field import full_answers, open_field
    from tests.survey_app.results.filled import send

    field = open_field(app, units)
    with app.app_context():
        forms = respond.Forms()
        for group, given in levels.items():
            for code, level in zip(field.cards[group], given, strict=False):
                said = full_answers(form_for_group(group), group, level="dk" if level == DK else level)
                send(field, code, said, forms=forms)
        db.session.commit()
    return field.wave_id, finished(app, field)


def truth(wave) -> list[Atom]:
    """The official answers of a wave by the cells of all tables."""
    found: dict[tuple[str, ...], list[int]] = {}
    types = school_types(db.session, wave)
    with_posters = surveys.rules_of(wave).posters == "counted"
    for each in judge_responses(db.session, wave):
        if each.valid and not each.surplus and (with_posters or not each.by_poster):
            group = POSTER if each.by_poster else each.group
            cell = found.setdefault((group, *(level(each, types) for level in TRAITS.values())), [0, 0])
            cell[0] += 1
            cell[1] += each.satisfied
    for cell in db.session.query(MixedCell).filter_by(wave_id=wave.id, group=SUMMED):
        count = Sums.from_content(cell.sums).count
        found[SUMMED, *(SUMMED_UP for _ in TRAITS)] = [count.valid, count.satisfied]
    names = (GROUP, *TRAITS)
    return [
        Atom(levels={name: (level,) for name, level in zip(names, where, strict=True)}, n=n, above=above)
        for where, (n, above) in found.items()
        if n
    ]


def published(wave, outcome, digest: str) -> dict[Key, int]:
    """Every number of satisfied questionnaires that any format shows: pages, JSON, workbook, form Ⅵ, CSV."""
    shown: dict[Key, int] = {}
    for table in published_tables(outcome):
        for cell in table.cells:
            if cell.measure == "satisfied" and cell.value is not None and table.name in (GROUP, *TRAITS):
                shown[table.name, cell.level] = cell.value
    document = json.loads(tables.as_document(wave, outcome, digest=digest, language="zh"))
    book = load_workbook(io.BytesIO(tables.as_workbook(wave, outcome, digest=digest, language="zh")))
    by_label: dict[tuple[str, str], Key] = {}
    for name in (GROUP, *TRAITS):
        for row in document["tables"].get(name, {"rows": ()})["rows"]:
            key = name, "" if row["key"] == "~" else row["key"]
            by_label[document["tables"][name]["title"], row["label"]] = key
            if row["above"] is not None:
                shown[key] = row["above"]
    for sheet in book:
        for row in sheet.iter_rows(min_row=4, values_only=True):
            if (sheet.title, row[0]) in by_label and isinstance(row[2], int | float):
                shown[by_label[sheet.title, row[0]]] = int(row[2])
    lines = list(csv.reader(io.StringIO(form_vi.as_csv(wave, outcome, "zh").decode("utf-8-sig"))))
    groups = {label: key for (title, label), key in by_label.items() if key[0] == GROUP}
    for line in lines:
        if len(line) > 4 and line[0] in groups and line[4].isdigit():
            shown[groups[line[0]]] = int(line[4])
        if len(line) > 4 and line[0] == "其中：家长" and line[4].isdigit():
            shown[GROUP, "parent"] = int(line[4])
    return shown


def weighted_equation(wave, outcome, atoms: Sequence[Atom]) -> tuple[np.ndarray, float] | None:
    """The weighted estimate as an equation: groups in their planned shares, each list one rate.

    Groups reached through schools weigh school by school; where one of them is withheld, a reader has no
    equation of it.
    """
    whole = (outcome["weighted"] or {}).get("estimate")
    if whole is None:
        return None
    plan = targets_of(counts_by_group(db.session, wave), sets_of(db.session, wave.id))
    rates = {row["group"]: row for row in outcome["groups"]}
    rates |= {row["kept_as"]: row for row in outcome["merged"]}
    groups = {next(iter(atom.levels[GROUP])) for atom in atoms} - {SUMMED, POSTER}
    total, left = sum(plan[group] for group in groups), whole
    row = np.zeros(len(atoms))
    for group in groups:
        told = rates.get(group) or {}
        if told.get("weighted"):
            left -= plan[group] / total * told["weighted"]["estimate"]
        elif group == "parent":
            return None
        else:
            own = [place for place, atom in enumerate(atoms) if atom.levels[GROUP] == (group,)]
            row[own] = plan[group] / total / sum(atoms[place].n for place in own)
    return (row, left) if row.any() else None


@pytest.mark.parametrize("name", worlds())
def test_no_format_gives_a_withheld_number_of_a_wave_away(app, name):
    number, outcome = answered(app, *worlds()[name])
    with app.test_request_context():
        wave = surveys.get_wave(db.session, number)
        atoms = truth(wave)
        knowledge = Knowledge(atoms=atoms)
        if outcome["official"]["satisfied"] is not None:
            knowledge.read_whole()
        digest = db.session.get_one(WaveOutcome, number).digest
        shown = published(wave, outcome, digest)
        knowledge.read(shown)
        equation = weighted_equation(wave, outcome, atoms)
        if equation is not None:
            knowledge.equations.append(equation)
        hidden = [key for key in sums(atoms) if key not in shown]
        for key, value in shown.items():
            assert sums(atoms)[key][1] == value, key
        if name != "a few pupils that are only summed up":
            assert hidden
        if not knowledge.equations:
            return
        assert not attack(knowledge, hidden)
