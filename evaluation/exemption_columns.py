"""Exemptions in columns: what :mod:`evaluation.exemptions` does, for all schools at once."""

from collections.abc import Callable
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from evaluation.column_questions import MET, NOT_MET, UNDETERMINED, ColumnQuestion, both, holds
from evaluation.county import COMPULSORY
from evaluation.criteria import Standard
from evaluation.scheme.exemptions import Exemption
from evaluation.school_table import SchoolTable
from evaluation.terms import Bound

if TYPE_CHECKING:
    import numpy as np


def with_exemptions(
    asked: ColumnQuestion, codes: "np.ndarray", test: "Callable[[Bound], np.ndarray]"
) -> "np.ndarray":
    """Judge by *codes* under the standard bound, then under the exemptions that may be claimed.

    See :func:`evaluation.exemptions.judge_with_exemptions`; of an exemption's standards the strictest one
    that speaks of a school decides, which is to conclude on all of them.
    """
    import numpy as np

    passed, perhaps, open_ = codes == MET, np.zeros(len(codes), dtype=bool), codes == UNDETERMINED
    for exemption in asked.scheme.exemptions:
        lighter, spoken_of = np.full(len(codes), MET), np.zeros(len(codes), dtype=bool)
        for standard in exemption.standards:
            if standard.criterion == asked.id:
                here = _speaks_of(asked.table, standard)
                lighter = np.where(here, both(lighter, test(standard.bound)), lighter)
                spoken_of |= here
        if not spoken_of.any():
            continue
        holds = _claimable(asked.table, exemption)
        passed |= spoken_of & (holds == 1) & (lighter == MET)
        perhaps |= spoken_of & (holds == -1) & (lighter == MET)
        open_ |= spoken_of & (holds != 0) & (lighter == UNDETERMINED)
    return np.where(passed, MET, np.where(perhaps | open_, UNDETERMINED, NOT_MET))


def _speaks_of(table: SchoolTable, standard: Standard) -> "np.ndarray":
    """Return n truth values: the schools of whose kind and stages a lighter standard speaks."""
    import numpy as np

    here = np.ones(len(table), dtype=bool)
    if standard.kinds is not None:
        here &= table.is_one_of("kind", standard.kinds)
    if standard.stages is not None:
        here &= np.stack([table.pupils[stage] != 0 for stage in standard.stages]).any(axis=0)
    return here


def _claimable(table: SchoolTable, exemption: Exemption) -> "np.ndarray":
    """Return n codes: whether an exemption may be claimed, 1, 0 or −1."""
    import numpy as np

    holds = np.ones(len(table), dtype=int)
    for name, check in CONDITIONS.items():
        if (wanted := getattr(exemption.condition, name)) is not None:
            holds = both(holds, check(wanted, table))
    if exemption.valid_until is not None:
        years = [county.application_year for county in table.counties]
        in_time = [-1 if year is None else int(year <= exemption.valid_until) for year in years]
        holds = both(holds, np.array(in_time, dtype=int)[table.county])
    return holds


def _known(known: "np.ndarray", holds: "np.ndarray") -> "np.ndarray":
    import numpy as np

    return np.where(known, holds.astype(int), -1)


def _built_by(year: int, table: SchoolTable) -> "np.ndarray":
    import numpy as np

    built = table.numbers["built_year"]
    return _known(~np.isnan(built), built <= year)


def _largest_class_below(limit: int, table: SchoolTable) -> "np.ndarray":
    import numpy as np

    large, unknown = np.zeros(len(table), dtype=bool), np.zeros(len(table), dtype=bool)
    for stage in COMPULSORY:
        sizes, here = table.lists[f"class_sizes.{stage}"], table.pupils[stage] != 0
        large |= here & (sizes.count(sizes.values >= limit) > 0)
        unknown |= here & (sizes.count() == 0)
    return np.where(large, 0, np.where(unknown, -1, 1))


def _migrant_share_above(share: Fraction, table: SchoolTable) -> "np.ndarray":
    import numpy as np

    given = table.numbers["migrant_share"]
    return _known(~np.isnan(given), holds(Bound(above=share), given))


#: Key of a condition → how it is checked of all schools: 1, 0 or −1.
CONDITIONS: "dict[str, Callable[[Any, SchoolTable], np.ndarray]]" = {
    "built_by": _built_by,
    "localities": lambda wanted, table: table.is_one_of("locality", wanted).astype(int),
    "largest_class_below": _largest_class_below,
    "migrant_share_above": _migrant_share_above,
    "dense_centre": lambda wanted, table: ((table.flags["dense_centre"] == 1) == wanted).astype(int),
}
