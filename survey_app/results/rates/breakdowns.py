"""The rate by what is kept of the answers: locality, grade band, school type, mode, and way of coming.

Every breakdown adds up to the valid questionnaires of the official rate. What is shown of any of them is
decided for all tables of the wave together (`disclosure.settle`).
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey_app.counties.models import School
from survey_app.fieldwork.models import DrawnUnit
from survey_app.results.disclosure import Atom, Key, capped, may_show, settle
from survey_app.results.estimating import Estimates
from survey_app.results.judging import Judged
from survey_app.results.merging import POSTER, SUMMED
from survey_app.results.models import Pool
from survey_app.results.rates.by_item import form_of
from survey_app.results.summing import Sums
from survey_app.surveys.models import Wave
from survey_app.surveys.rates import Count

#: The level of answers that are only summed up, of those of schools of several types counted together, and of
#: those of which nothing is kept.
SUMMED_UP, SEVERAL, UNKNOWN = SUMMED, "~several", ""

#: The table of groups, which stands beside the breakdowns.
GROUP = "group"

#: The table that is none of its own: where one question decides who is satisfied, that question's row of each
#: form says how many of those who answered the form are.
FORM = "form"


@dataclass(frozen=True, slots=True, kw_only=True)
class SchoolType:
    """What kind of school the answers of a pool come from."""

    kind: str
    schools: frozenset[str]


#: Where a pool's answers stand -> its schools.
SchoolTypes = Mapping[tuple[str, str, str], SchoolType]

#: Breakdown -> the level of an answer.
TRAITS: Mapping[str, Callable[[Judged, SchoolTypes], str]] = {
    "school_type": lambda each, types: _type_of(each, types),
    "locality": lambda each, _: each.locality,
    "grade_band": lambda each, _: each.grade_band,
    "mode": lambda each, _: each.mode,
    "way": lambda each, _: "poster" if each.by_poster else each.way,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Breakdowns:
    """Valid and satisfied questionnaires by table and level, and which of them are withheld."""

    counts: Mapping[Key, Count]
    withheld: frozenset[Key]
    #: Cells of fewer than three schools whose rate may be told as a limit only -> ``high`` or ``low``.
    caps: Mapping[Key, str]
    schools: Mapping[str, int]

    def hidden(self, table: str) -> frozenset[str]:
        """The levels of *table* that are withheld."""
        return frozenset(level for of, level in self.withheld if of == table)


def school_types(session: Session, wave: Wave) -> SchoolTypes:
    """The kind of school of every pool that has schools; `SEVERAL` where its schools are of several kinds."""
    kinds = {
        row.code: row.kind
        for row in session.execute(
            sa.select(School.code, School.kind).where(School.county_file_id == wave.county_file_id)
        )
    }
    rows = session.execute(
        sa.select(Pool.group, Pool.kept_as, Pool.stratum, Pool.pool, DrawnUnit.school_code)
        .join(
            DrawnUnit,
            sa.and_(
                DrawnUnit.wave_id == Pool.wave_id,
                DrawnUnit.group == Pool.group,
                DrawnUnit.psu == Pool.psu,
            ),
        )
        .where(Pool.wave_id == wave.id, Pool.pool != "", DrawnUnit.school_code.is_not(None))
    )
    held: dict[tuple[str, str, str], set[str]] = {}
    for group, kept_as, stratum, pool, school in rows:
        held.setdefault((kept_as or group, stratum, pool), set()).add(str(school))
    return {
        place: SchoolType(kind=_one({kinds.get(code, UNKNOWN) for code in codes}), schools=frozenset(codes))
        for place, codes in held.items()
    }


def break_down(
    counted: Iterable[Judged],
    summed: Sums,
    types: SchoolTypes,
    *,
    official: Mapping[str, Count],
    averaged: bool = False,
    one_question: bool = False,
) -> Breakdowns:
    """Count the official questionnaires in every table, and decide what is shown of them all.

    Args:
        counted: The judged answers that the official rate counts.
        summed: Those that are not kept one by one.
        types: The schools' kinds.
        official: The counts by group, as the official rate takes them.
        averaged: Whether the official rate is the mean of the groups' rates.
        one_question: Whether satisfaction rests on one question, which is shown form by form.
    """
    further = {FORM: form_of} if one_question else {}
    found: dict[tuple[str, ...], Count] = {}
    schools: dict[str, set[str]] = {}
    for each in counted:
        if not each.valid:
            continue
        group = POSTER if each.by_poster else each.group
        traits = (level(each, types) for level in TRAITS.values())
        where = (group, *traits, *(level(each) for level in further.values()))
        found[where] = found.get(where, Count()) + Count(valid=1, satisfied=int(each.satisfied))
        kind = types.get((each.group, each.stratum, each.pool))
        if kind and kind.kind != UNKNOWN:
            schools.setdefault(kind.kind, set()).update(kind.schools)
    if summed.n:
        where = (SUMMED, *(SUMMED_UP for _ in (*TRAITS, *further)))
        found[where] = summed.count
    tables = (GROUP, *TRAITS, *further)
    atoms = [
        Atom(
            levels={table: (level,) for table, level in zip(tables, where, strict=True)},
            n=count.valid,
            above=count.satisfied,
        )
        for where, count in found.items()
    ]
    counts = _counts(found, tables) | {(GROUP, group): count for group, count in official.items()}
    number = {kind: len(codes) for kind, codes in schools.items()}
    caps = _caps(counts, number)
    hidden = settle(atoms, sensitive=caps, mean_of=GROUP if averaged else "", helping=further)
    return Breakdowns(counts=counts, withheld=hidden, caps=caps, schools=number)


def breakdown_rows(found: Breakdowns, estimates: Estimates, types: SchoolTypes) -> list[dict[str, Any]]:
    """The breakdowns as they are frozen: of every level the counts, the rate and the weighted estimate."""
    tables = []
    for table, level_of in TRAITS.items():
        intervals = estimates.by_level(lambda each, level_of=level_of: level_of(each, types))
        rows = []
        for (of, level), count in sorted(found.counts.items()):
            if of != table:
                continue
            may = (table, level) not in found.withheld and may_show(count.valid)
            weighted = intervals.get(level)
            rows.append(
                {
                    "level": level,
                    "withheld": not may,
                    "cap": found.caps.get((table, level), ""),
                    "valid": count.valid if may else None,
                    "satisfied": count.satisfied if may else None,
                    "rate": _share(count.rate) if may else None,
                    "weighted": weighted.beside(count.valid) if may and weighted else None,
                    "schools": found.schools.get(level) if table == "school_type" and may else None,
                }
            )
        tables.append({"by": table, "rows": rows})
    return tables


def _type_of(each: Judged, types: SchoolTypes) -> str:
    found = types.get((each.group, each.stratum, each.pool))
    return found.kind if found else UNKNOWN


def _one(kinds: set[str]) -> str:
    return next(iter(kinds)) if len(kinds) == 1 else SEVERAL


def _counts(found: Mapping[tuple[str, ...], Count], tables: Sequence[str]) -> dict[Key, Count]:
    counts: dict[Key, Count] = {}
    for where, count in found.items():
        for key in zip(tables, where, strict=True):
            counts[key] = counts.get(key, Count()) + count
    return counts


def _caps(counts: Mapping[Key, Count], schools: Mapping[str, int]) -> dict[Key, str]:
    """Types of so few schools that their rate is a school's, where it is at an end of the scale."""
    found = {}
    for (table, level), count in counts.items():
        if table == "school_type" and count.rate is not None and may_show(count.valid) and level in schools:
            cap = capped(count.rate, schools=schools[level])
            if cap:
                found[table, level] = cap
    return found


def _share(value: Fraction | None) -> list[int] | None:
    return None if value is None else [value.numerator, value.denominator]
