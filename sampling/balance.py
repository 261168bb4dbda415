"""Balances of a plan: grade bands about equal, localities as the residents, beside the quotas of the groups.

Two tables are rounded under control, one after the other. The first shares the whole sample among bands and
localities; the second shares each group among the cells of the first. So the groups keep their quotas, and
bands, localities and their crossing are the whole numbers beside what they should be. A cell that holds too
few people is asked in full and its places go where they disturb the balances least; what then remains
beside the balances is the slack.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from sampling.errors import ArgumentError
from sampling.population import check_count
from sampling.rounding import round_table

#: The band of people who belong to no grade.
NO_BAND = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class BalanceCell:
    """The places of one group in one band and locality."""

    group: str
    #: Empty for a group without bands.
    band: str
    #: Empty in a plan without localities.
    locality: str
    #: The group's quota times the cell's share of the sample.
    exact: Fraction
    #: The places.
    n: int
    #: People in the cell, where the number is known.
    available: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Margin:
    """The sum of a group, a band or a locality, beside what it should be."""

    #: `group`, `band` or `locality`.
    kind: str
    name: str
    #: What it should be.
    exact: Fraction
    #: The places.
    n: int

    @property
    def slack(self) -> Fraction:
        """Places above what it should be; below, if negative."""
        return self.n - self.exact

    @property
    def adjacent(self) -> bool:
        """Whether it is one of the two whole numbers beside what it should be."""
        return abs(self.slack) < 1


@dataclass(frozen=True, slots=True, kw_only=True)
class BalanceNote:
    """Something a reader of the balances should be told.

    Codes: `cell_full` (the cell of group, band and locality has only *value* people, all are asked) ·
    `group_short` (*value* places of the group could not be given: its cells are full) · `band_off` ·
    `locality_off` (the full cells leave the band or locality *value* places from what it should be).
    """

    code: str
    group: str | None = None
    band: str | None = None
    locality: str | None = None
    value: int | Fraction


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """Places by group, band and locality, and how they came about."""

    #: By group, band and locality, in the given orders.
    cells: tuple[BalanceCell, ...]
    #: Groups, then bands, then localities; those without bands are no band.
    margins: tuple[Margin, ...]

    @property
    def n(self) -> dict[tuple[str, str, str], int]:
        """(group, band, locality) → places."""
        return {(one.group, one.band, one.locality): one.n for one in self.cells}

    @property
    def notes(self) -> tuple[BalanceNote, ...]:
        """What a reader should be told, as values."""
        notes = [
            BalanceNote(
                code="cell_full", group=one.group, band=one.band, locality=one.locality, value=one.available
            )
            for one in self.cells
            if one.available is not None and one.available == one.n < one.exact
        ]
        for margin in self.margins:
            if margin.kind == "group" and margin.slack < 0:
                notes.append(BalanceNote(code="group_short", group=margin.name, value=-margin.slack))
            elif margin.kind == "band" and not margin.adjacent:
                notes.append(BalanceNote(code="band_off", band=margin.name, value=margin.slack))
            elif margin.kind == "locality" and not margin.adjacent:
                notes.append(BalanceNote(code="locality_off", locality=margin.name, value=margin.slack))
        return tuple(notes)


def balance(
    quotas: Mapping[str, int],
    *,
    bands: Sequence[str] = (),
    banded: Sequence[str] = (),
    localities: Mapping[str, int] | None = None,
    available: Mapping[tuple[str, str, str], int] | None = None,
) -> Balance:
    """Share the *quotas* of the groups among grade bands and localities.

    >>> made = balance(
    ...     {"parent": 270, "public": 45},
    ...     bands=["primary", "junior"],
    ...     banded=["parent"],
    ...     localities={"urban": 150_000, "town": 120_000, "rural": 90_000},
    ... )
    >>> {margin.name: margin.n for margin in made.margins}
    {'parent': 270, 'public': 45, 'primary': 135, 'junior': 135, 'urban': 131, 'town': 105, 'rural': 79}
    >>> made.n["parent", "primary", "rural"], made.notes
    (34, ())

    Args:
        quotas: Group → places, as `sampling.quotas` gives them.
        bands: Grade bands, to hold about equally many; none for a plan without bands.
        banded: The groups that have bands.
        localities: Locality → residents; None for a plan without localities.
        available: (group, band, locality) → people, where known; a group without bands has the band "",
            a plan without localities the locality "".

    Raises:
        ArgumentError: A name twice or unknown, a number of people that is none, nobody resident.
    """
    places = dict(localities) if localities is not None else {"": 1}
    known = dict(available or {})
    _check(quotas, bands, banded, places, known)
    blocks = _blocks(quotas, bands, banded)
    given = _given(quotas, blocks, places, known)
    whole = _whole_sample(given, blocks, places, known)
    n: dict[tuple[str, str, str], int] = {}
    for block_bands, groups in blocks:
        n |= _within(groups, [(band, place) for band in block_bands for place in places], given, whole, known)
    bands_of = {group: block_bands for block_bands, groups in blocks for group in groups}
    residents = sum(places.values())
    cells = tuple(
        BalanceCell(
            group=group,
            band=band,
            locality=place,
            exact=Fraction(quota * size, len(bands_of[group]) * residents),
            n=n[group, band, place],
            available=known.get((group, band, place)),
        )
        for group, quota in quotas.items()
        for band in bands_of[group]
        for place, size in places.items()
    )
    return Balance(cells=cells, margins=tuple(_margins(cells, quotas)))


#: Bands and the groups that have them.
_Block = tuple[tuple[str, ...], tuple[str, ...]]


def _blocks(quotas: Mapping[str, int], bands: Sequence[str], banded: Sequence[str]) -> list[_Block]:
    """Return the groups with bands and those without, each with its bands."""
    spread = tuple(group for group in quotas if bands and group in banded)
    bare = tuple(group for group in quotas if group not in spread)
    return [block for block in ((tuple(bands), spread), ((NO_BAND,), bare)) if block[1]]


def _given(
    quotas: Mapping[str, int],
    blocks: Sequence[_Block],
    places: Mapping[str, int],
    known: Mapping[tuple[str, str, str], int],
) -> dict[str, int]:
    """Return what each group can give of its quota; no other group makes up for the rest."""
    given = dict(quotas)
    for bands, groups in blocks:
        for group in groups:
            people = [known.get((group, band, place)) for band in bands for place in places]
            if None not in people:
                given[group] = min(quotas[group], sum(filter(None, people)))
    return given


def _whole_sample(
    quotas: Mapping[str, int],
    blocks: Sequence[_Block],
    places: Mapping[str, int],
    known: Mapping[tuple[str, str, str], int],
) -> dict[tuple[str, str], int]:
    """Round the table of bands by localities of all groups together: (band, locality) → places."""
    shares: dict[str, Fraction] = {}
    limits: dict[tuple[str, str], int | None] = {}
    for bands, groups in blocks:
        for band in bands:
            shares[band] = Fraction(sum(quotas[group] for group in groups), len(bands))
            for place in places:
                people = [known.get((group, band, place)) for group in groups]
                limits[band, place] = None if None in people else sum(filter(None, people))
    residents = sum(places.values())
    made = round_table(
        [[share * size / residents for size in places.values()] for share in shares.values()],
        at_most=[[limits[band, place] for place in places] for band in shares],
    )
    return {
        (band, place): n
        for band, row in zip(shares, made.n, strict=True)
        for place, n in zip(places, row, strict=True)
    }


def _within(
    groups: Sequence[str],
    columns: Sequence[tuple[str, str]],
    quotas: Mapping[str, int],
    whole: Mapping[tuple[str, str], int],
    known: Mapping[tuple[str, str, str], int],
) -> dict[tuple[str, str, str], int]:
    """Share each of *groups* among *columns* in proportion to the whole sample's places there."""
    total = sum(whole[column] for column in columns) or 1
    made = round_table(
        [[Fraction(quotas[group] * whole[column], total) for column in columns] for group in groups],
        at_most=[[known.get((group, *column)) for column in columns] for group in groups],
        rows=[quotas[group] if sum(whole[column] for column in columns) else 0 for group in groups],
    )
    return {
        (group, *column): n
        for group, row in zip(groups, made.n, strict=True)
        for column, n in zip(columns, row, strict=True)
    }


def _margins(cells: Sequence[BalanceCell], quotas: Mapping[str, int]) -> Iterator[Margin]:
    for group, quota in quotas.items():
        n = sum(one.n for one in cells if one.group == group)
        yield Margin(kind="group", name=group, exact=Fraction(quota), n=n)
    for kind in ("band", "locality"):
        for name in dict.fromkeys(getattr(one, kind) for one in cells):
            if name:
                members = [one for one in cells if getattr(one, kind) == name]
                exact = sum((one.exact for one in members), Fraction(0))
                yield Margin(kind=kind, name=name, exact=exact, n=sum(one.n for one in members))


def _check(
    quotas: Mapping[str, int],
    bands: Sequence[str],
    banded: Sequence[str],
    places: Mapping[str, int],
    known: Mapping[tuple[str, str, str], int],
) -> None:
    if not quotas:
        raise ArgumentError("quotas", value=dict(quotas), rule="must hold one group or more")
    for group, quota in quotas.items():
        check_count(group, quota, at_least=0)
    for name, given in (("bands", bands), ("banded", banded)):
        if len(set(given)) != len(given) or "" in given:
            raise ArgumentError(name, value=list(given), rule="must name each once")
    for group in banded:
        if group not in quotas:
            raise ArgumentError("banded", value=group, rule=f"must name groups among {list(quotas)}")
    for place, size in places.items():
        check_count(f"localities {place}", size, at_least=0)
    if not sum(places.values()):
        raise ArgumentError("localities", value=dict(places), rule="must hold residents")
    for key, people in known.items():
        band_of = bands if bands and key[0] in banded else (NO_BAND,)
        if key[0] not in quotas or key[1] not in band_of or key[2] not in places:
            raise ArgumentError("available", value=key, rule="must name a group, its band and a locality")
        check_count("available", people, at_least=0)
