"""Formulas that ask schools, in columns: the same answers for all schools of all counties at once.

A formula of :mod:`evaluation.school_formulas` says of each school what it found and why; here only the
outcome is made, as codes (see :data:`evaluation.resources.CODES`), and counted for each county.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

from evaluation.column_questions import (
    MET,
    NOT_MET,
    UNDETERMINED,
    Answer,
    ColumnQuestion,
    any_of,
    conclusions,
    holds,
    one_each,
)
from evaluation.county import COMPULSORY
from evaluation.exemption_columns import with_exemptions
from evaluation.resources import HAIR
from evaluation.school_formulas import stage_path
from evaluation.school_table import SchoolTable
from evaluation.terms import COMPARISONS, Bound

if TYPE_CHECKING:
    import numpy as np

#: Below it, doubles have every whole number.
WHOLE_DOUBLES = 2.0**53


def attested(asked: ColumnQuestion) -> list[Answer]:
    """Decided by documents: one refusal decides; the county's word, or every school's, passes."""
    import numpy as np

    table, covered = asked.table, asked.covered()
    said = table.said.get(f"attestations.{asked.criterion.attestation}")
    said = np.full(len(table), -1) if said is None else said
    counties = len(table.counties)
    own = [asked.of(place).attestation() for place in range(counties)]
    county = np.array([UNDETERMINED if each is None else int(each.met) for each in own], dtype=int)
    refused = any_of(table, covered & (said == 0))
    passed = county == MET
    if asked.criterion.school_by_school:
        passed |= any_of(table, covered) & ~any_of(table, covered & (said == -1))
    codes = np.where(refused | (county == NOT_MET), NOT_MET, np.where(passed, MET, UNDETERMINED))
    return [Answer(reason=asked.id, found=one_each(codes))]


def did_not_happen(asked: ColumnQuestion) -> list[Answer]:
    """A fact that must not be, of the county or, for a veto, of any of its schools."""
    import numpy as np

    table, fact = asked.table, asked.criterion.fact
    happened = np.array(
        [UNDETERMINED if (given := county.figure(fact)) is None else int(given) for county in table.counties],
        dtype=int,
    )
    own = table.said.get(fact)
    own = np.full(len(table), -1) if own is None else own
    covered = asked.covered()
    here = any_of(table, covered & (own == 1))
    if not (asked.criterion.school_by_school and fact.startswith("vetoes.")):
        codes = np.where(here | (happened == 1), NOT_MET, np.where(happened == 0, MET, UNDETERMINED))
        return [Answer(reason=asked.id, found=one_each(codes))]
    silent = (own == -1) & (happened != 0)[table.county]
    codes = np.where(own == 1, NOT_MET, np.where(silent, UNDETERMINED, MET))
    schools, _ = asked.by_school((codes, covered))
    alone = np.where(happened == 1, NOT_MET, np.where(happened == 0, MET, UNDETERMINED))
    has_none = ~any_of(table, covered)
    somewhere = one_each(np.full(len(alone), NOT_MET)) & ((happened == 1) & ~here & ~has_none)[:, None]
    county = Answer(reason=asked.id, found=(one_each(alone) & has_none[:, None]) | somewhere)
    return [schools, county]


def coefficients(asked: ColumnQuestion) -> list[Answer]:
    """The difference coefficients, as an entry condition; the resource section gives the reasons."""
    import numpy as np

    found = np.zeros((len(asked.table.counties), 3), dtype=bool)
    for stage in range(len(COMPULSORY)):
        codes = asked.differences[:, stage]
        of_stage = np.stack([(codes == code).any(axis=1) for code in (0, 1, -1)], axis=1)
        found |= one_each(conclusions(of_stage))
    return [Answer(reason=None, found=found)]


def summed_share(asked: ColumnQuestion) -> list[Answer]:
    """Σ part / Σ whole over the schools in scope, for all stages together or for each."""
    criterion = asked.criterion
    if criterion.bounds is None:
        return _summed_share(asked, COMPULSORY, criterion.bound)
    return [
        answer
        for stage in criterion.bounds.stages
        for answer in _summed_share(asked, (stage,), criterion.bounds.of(stage))
    ]


def _figure(table: SchoolTable, figure: str, stage: str) -> "np.ndarray":
    return table.pupils[stage] if figure == "pupils" else table.numbers[stage_path(figure, stage)]


def _summed_share(asked: ColumnQuestion, stages: tuple[str, ...], bound: Bound) -> list[Answer]:
    """Judge one sum for every county, in whole numbers."""
    import numpy as np

    table, counties = asked.table, len(asked.table.counties)
    covered = asked.covered()
    concerned, missing, impossible, boundless = (np.zeros(counties, dtype=bool) for _ in range(4))
    have_most, of_known, of_lone = (np.zeros(counties, dtype=np.int64) for _ in range(3))
    for stage in stages:
        have, of = (_figure(table, name, stage) for name in (asked.criterion.part, asked.criterion.whole))
        rows = covered & ~((table.pupils[stage] == 0) & (np.isnan(of) | (of == 0)))
        both = rows & ~np.isnan(have) & ~np.isnan(of)
        concerned |= any_of(table, rows)
        missing |= any_of(table, rows & ~both)
        impossible |= any_of(table, both & (have > of))
        boundless |= any_of(table, rows & np.isnan(of))
        have_most += _sum(table, np.minimum(have, of), both)
        of_known += _sum(table, of, both)
        of_lone += _sum(table, of, rows & np.isnan(have) & ~np.isnan(of))
    best = (
        have_most.astype(object)
        + of_lone.astype(object)
        - bound.threshold * (of_known + of_lone).astype(object)
    )
    reachable = (best >= 0) | (boundless & (bound.threshold < 1))
    good = ~missing & ~impossible & (of_known > 0)
    codes = np.where(~reachable.astype(bool), NOT_MET, np.where(good, MET, UNDETERMINED))
    return [Answer(reason=asked.id, found=one_each(codes) & concerned[:, None]), asked.nobody(~concerned)]


def _sum(table: SchoolTable, column: "np.ndarray", chosen: "np.ndarray") -> "np.ndarray":
    """Return the sums of whole numbers for every county, as whole numbers."""
    import numpy as np

    sums = np.zeros(len(table.counties), dtype=np.int64)
    np.add.at(sums, table.county[chosen], column[chosen].astype(np.int64))
    return sums


def school_share(asked: ColumnQuestion) -> list[Answer]:
    """One figure of each school over another one of it; close ones are judged exactly."""
    import numpy as np

    table, criterion, bound = asked.table, asked.criterion, asked.criterion.bound
    part, (whole, known_exactly) = table.numbers[criterion.part], WHOLES[criterion.whole](table)
    share, of = part * bound.threshold.denominator, whole * bound.threshold.numerator
    known = ~np.isnan(part) & ~np.isnan(whole)
    sound = known & (whole > 0) & (part <= whole)
    codes = np.where(sound, np.where(_keeps(bound, share, of), MET, NOT_MET), UNDETERMINED)
    covered = asked.covered()
    near = (np.abs(share - of) <= HAIR * of) | (np.abs(part - whole) <= HAIR * whole)
    certain = known_exactly & _is_whole(part) & (np.maximum(share, of) < WHOLE_DOUBLES)
    for row in np.flatnonzero(covered & known & near & ~certain & (whole > 0)):
        codes[row] = asked.exactly(int(row))
    return asked.by_school((codes, covered))


def _is_whole(values: "np.ndarray") -> "np.ndarray":
    """Return which values are whole numbers, with which doubles reckon exactly."""
    import numpy as np

    return values == np.floor(values)


def _public_funds(table: SchoolTable) -> "tuple[np.ndarray, np.ndarray]":
    """Return every school's own budget of public funds, and where it is a whole number."""
    funds = table.numbers["public_funds"]
    return funds, _is_whole(funds)


def _per_pupil_funds(table: SchoolTable) -> "tuple[np.ndarray, np.ndarray]":
    """Return Σ pupils × the county's public funds per pupil of their stage, and where all are whole."""
    import numpy as np

    total, whole = np.zeros(len(table)), np.ones(len(table), dtype=bool)
    for stage in COMPULSORY:
        norms = [county.figure(f"figures.funds_per_pupil.{stage}") for county in table.counties]
        each = np.array([np.nan if norm is None else float(norm) for norm in norms])[table.county]
        none = table.pupils[stage] == 0
        total += np.where(none, 0.0, table.pupils[stage] * each)
        whole &= none | _is_whole(each)
    return total, whole


#: What a figure of a school is a share of → its column, and where doubles have it exactly.
WHOLES: "dict[str, Callable[[SchoolTable], tuple[np.ndarray, np.ndarray]]]" = {
    "public_funds": _public_funds,
    "per_pupil_funds": _per_pupil_funds,
}


def _compulsory(table: SchoolTable) -> "np.ndarray":
    """Return n truth values: the schools that have, or may have, compulsory pupils."""
    import numpy as np

    return np.logical_or.reduce([table.pupils[stage] != 0 for stage in COMPULSORY])


def _keeps(bound: Bound, left: "np.ndarray", right: "np.ndarray") -> "np.ndarray":
    """Return where *left* stands to *right* as a bound asks."""
    return COMPARISONS[bound.comparison](left, right)


def rooms(asked: ColumnQuestion) -> list[Answer]:
    """Count the rooms that are large enough against one for every so many compulsory classes."""
    import numpy as np

    table, criterion = asked.table, asked.criterion
    areas = table.lists[criterion.rooms]
    classes, unknown = np.zeros(len(table), dtype=np.int64), np.zeros(len(table), dtype=bool)
    for stage in COMPULSORY:
        count = table.lists[f"class_sizes.{stage}"].count()
        here = table.pupils[stage] != 0
        classes += np.where(here, count, 0)
        unknown |= here & (count == 0)
    needed = np.maximum(-(-classes // criterion.classes_per_room), 1)

    def enough(bound: Bound) -> "np.ndarray":
        large = areas.count(holds(bound, areas.values))
        codes = np.where(large < needed, NOT_MET, np.where(unknown, UNDETERMINED, MET))
        return np.where(areas.given, codes, UNDETERMINED)

    codes = with_exemptions(asked, enough(criterion.area), enough)
    return asked.by_school((codes, asked.covered() & _compulsory(table)))


def school_size(asked: ColumnQuestion) -> list[Answer]:
    """Compulsory pupils of each school against the bound of its kind."""
    import numpy as np

    table, criterion = asked.table, asked.criterion
    counts = np.stack([table.pupils[stage] for stage in COMPULSORY])
    missing, known = np.isnan(counts).any(axis=0), np.nan_to_num(counts).sum(axis=0)

    def fits(bound: Bound) -> "np.ndarray":
        return np.where(holds(bound, known), np.where(missing, UNDETERMINED, MET), NOT_MET)

    codes = fits(criterion.bound)
    for kind, bound in criterion.kinds.items():
        codes = np.where(table.is_one_of("kind", [kind]), fits(bound), codes)
    codes = with_exemptions(asked, codes, fits)
    if criterion.excused_by is not None:
        excuse = table.said.get(f"attestations.{criterion.excused_by}")
        excuse = np.full(len(table), -1) if excuse is None else excuse
        codes = np.where(codes == NOT_MET, excuse, codes)
    return asked.by_school((codes, asked.covered() & _compulsory(table)))


def class_size(asked: ColumnQuestion) -> list[Answer]:
    """The largest class of each school and stage."""
    import numpy as np

    table, covered, answers = asked.table, asked.covered(), []
    for stage in asked.criterion.bounds.stages:
        sizes = table.lists[f"class_sizes.{stage}"]
        too_large = sizes.count(~holds(asked.criterion.bounds.of(stage), sizes.values))
        codes = np.where(sizes.count() == 0, UNDETERMINED, np.where(too_large > 0, NOT_MET, MET))
        answers.append((codes, covered & (table.pupils[stage] != 0)))
    return asked.by_school(*answers)


def small_schools_funded(asked: ColumnQuestion) -> list[Answer]:
    """Pupils on which small schools' public funds were assessed."""
    import numpy as np

    table, criterion = asked.table, asked.criterion
    pupils = np.stack([table.pupils[stage] for stage in COMPULSORY]).sum(axis=0)
    covered = np.stack([asked.covered(scope) for scope in criterion.scopes]).any(axis=0)
    small = covered & ~((pupils == 0) | (pupils >= criterion.pupils_below))
    funded = table.numbers["funded_pupils"]
    open_ = np.isnan(funded) | np.isnan(pupils)
    codes = np.where(holds(criterion.bound, funded), MET, np.where(open_, UNDETERMINED, NOT_MET))
    return asked.by_school((codes, small))


#: Formula name → how it is answered in columns; every formula that asks schools stands here.
COLUMN_FORMULAS: dict[str, Callable[[ColumnQuestion], list[Answer]]] = {
    "attested": attested,
    "summed_share": summed_share,
    "school_share": school_share,
    "rooms": rooms,
    "school_size": school_size,
    "class_size": class_size,
    "small_schools_funded": small_schools_funded,
    "did_not_happen": did_not_happen,
    "coefficients": coefficients,
}
