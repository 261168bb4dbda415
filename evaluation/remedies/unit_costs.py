"""Unit costs of remedies: what one more teacher, room, m² or 元 of equipment costs, and one teacher moved."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Annotated, Any, Literal

from pydantic import Field

from evaluation.county import Number, Ownership, Record
from evaluation.errors import Fault, RemedyFileError
from evaluation.reading import LARGEST
from evaluation.remedies.holdings import purchasable
from evaluation.remedies.tables import path, read_table
from evaluation.scheme import Scheme
from evaluation.units import STAFF_FIGURES

#: 元 for one more of something; and for one teacher moved, which may cost nothing.
Price = Annotated[Number, Field(gt=0, le=LARGEST)]
Fare = Annotated[Number, Field(ge=0, le=LARGEST)]


class CostTable(Record):
    """The file: 元 for each figure of the county file."""

    format: Literal["costs/1"]
    #: Figure → 元 for one more of it; what is not named cannot be bought.
    buy: dict[str, Price] = Field(default_factory=dict)
    #: Staff figure → 元 for one teacher moved; 0 where not named.
    move: dict[str, Fare] = Field(default_factory=dict)
    #: Between schools of which ownership teachers are moved; None: between public ones.
    ownership: list[Ownership] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitCosts:
    """Exact unit costs, ready for :func:`evaluation.remedies.plan_remedies`."""

    buy: Mapping[str, Fraction]
    move: Mapping[str, Fraction]
    ownership: tuple[str, ...]


def read_unit_costs(source: str | bytes | Mapping[str, Any], scheme: Scheme) -> UnitCosts:
    """Return the unit costs in *source*, TOML text or the parsed document, for remedies under *scheme*.

    Raises:
        RemedyFileError: with every fault, also figures that no indicator of the scheme is raised by.
    """
    table = read_table(source, CostTable)
    known = {
        "buy": purchasable(scheme),
        "move": [each for each in purchasable(scheme) if each in STAFF_FIGURES],
    }
    faults = [
        Fault(where=path(group, figure), value=figure, rule="unknown_figure", facts={"known": tuple(figures)})
        for group, figures in known.items()
        for figure in getattr(table, group)
        if figure not in figures
    ]
    if faults:
        raise RemedyFileError(faults)
    return UnitCosts(
        buy={figure: Fraction(price) for figure, price in table.buy.items()},
        move={figure: Fraction(price) for figure, price in table.move.items()},
        ownership=tuple(table.ownership or ("public",)),
    )
