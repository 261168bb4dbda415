"""Drawn places turned into what the field works with: quota cells, batches of cards, one invitation each."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

import sampling
from survey_app.counties.models import School
from survey_app.fieldwork import codes
from survey_app.fieldwork.draws.allotting import CellKey, cell_targets
from survey_app.fieldwork.frames.lists.counted import STAGED
from survey_app.fieldwork.models import Batch, DrawnUnit, Invitation
from survey_app.surveys import service as surveys
from survey_app.surveys.groups import GRADE_BANDS, GROUPS, LOCALITIES
from survey_app.surveys.models import QuotaCell, Wave

#: group, list (empty where the county office hands the cards out)
BatchKey = tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A place on a counted list that is invited, with the frame unit that holds it."""

    group: str
    unit: sampling.FrameUnit
    number: int
    stratum: str
    #: The primary sampling unit; empty for a group drawn as persons.
    psu: str
    #: The unit's school has lists in more than one stage.
    several_stages: bool

    @property
    def clustered(self) -> bool:
        """Whether its group is reached through schools."""
        return self.group in STAGED

    @property
    def id(self) -> str:
        """The place's id, as certificates write it."""
        return f"{self.unit.id}#{self.number}"

    @property
    def cell(self) -> CellKey:
        """The quota cell it counts in."""
        return (self.group, self.unit.band, self.unit.locality) if self.clustered else (self.group, "", "")

    @property
    def batch(self) -> BatchKey:
        """Whose batch its card belongs to: a school's stage, or the county office."""
        return self.group, self.unit.id if self.clustered else ""


class Lists:
    """The lists of a frame, to find the places that were drawn on them."""

    def __init__(self, frame: sampling.Frame):
        self.units = {(unit.group, unit.id): unit for unit in frame.units}
        self._stages = Counter((unit.group, unit.school) for unit in frame.units if unit.school)

    def place(self, group: str, drawn: sampling.DrawnPlace | sampling.ReservePlace) -> Place:
        """The place that was drawn, or put in from the reserve."""
        unit = self.units[group, drawn.unit]
        psu = drawn.psu if isinstance(drawn, sampling.DrawnPlace) else drawn.pool
        return Place(
            group=group,
            unit=unit,
            number=drawn.number,
            stratum=drawn.stratum,
            psu=psu if group in STAGED else "",
            several_stages=self._stages[group, unit.school] > 1,
        )

    def places(self, sample: sampling.Sample) -> list[Place]:
        """Every drawn place, in the order of the certificate."""
        return [self.place(draw.plan.group, place) for draw in sample.draws for place in draw.places]


def batch_keys(places: Iterable[Place]) -> list[BatchKey]:
    """The batches of *places* in the order of their sheets."""
    keys = {place.batch for place in places}
    return sorted(keys, key=lambda key: (list(GROUPS).index(key[0]), key[1]))


def drawn_unit(
    wave: Wave, group: str, stratum: sampling.DrawnStratum, cluster: sampling.DrawnCluster, lists: Lists
) -> DrawnUnit:
    """The row of a drawn school; its position is its order in the stratum."""
    schools = {lists.units[group, unit].school for unit in cluster.units}
    return DrawnUnit(
        wave_id=wave.id,
        group=group,
        stratum=stratum.name,
        psu=cluster.id,
        position=next((at for at, one in enumerate(stratum.drawn) if one.id == cluster.id), 0),
        school_code=schools.pop() if len(schools) == 1 else None,
        stratum_psus=stratum.clusters,
        size=cluster.size,
        places=cluster.n,
        probability=str(cluster.probability),
    )


def drawn_units(wave: Wave, sample: sampling.Sample, lists: Lists) -> list[DrawnUnit]:
    """One row for each drawn school, and one for each group drawn as persons."""
    return [
        row
        for draw in sample.draws
        for stratum in draw.strata
        for row in (
            [drawn_unit(wave, draw.plan.group, stratum, cluster, lists) for cluster in stratum.drawn]
            if draw.plan.group in STAGED
            else [_unit_of_persons(wave, draw.plan.group, stratum)]
        )
    ]


def invite(session: Session, wave: Wave, places: Sequence[Place], *, code_key: bytes) -> None:
    """Make the batches that *places* need and one invitation for each; cells must be there already."""
    batches = _batches(session, wave, places)
    cells = {_key(cell): cell for cell in cells_of(session, wave)}
    last = (
        sa.select(Invitation.batch_id, sa.func.max(Invitation.serial).label("serial"))
        .where(Invitation.wave_id == wave.id)
        .group_by(Invitation.batch_id)
    )
    serials = Counter({one.batch_id: one.serial for one in session.execute(last)})
    rows: list[dict[str, Any]] = []
    for place in places:
        batch = batches[place.batch]
        serial = serials[batch.id] = serials[batch.id] + 1
        code = codes.derive(code_key, wave_id=wave.id, batch_id=batch.id, serial=serial, generation=1)
        rows.append(
            {
                "wave_id": wave.id,
                "batch_id": batch.id,
                "serial": serial,
                "quota_cell_id": cells[place.cell].id,
                "stratum": place.stratum,
                "psu": place.psu,
                "token_hash": codes.token_hash(code_key, code.token),
                "typed_hash": codes.typed_hash(code_key, code.typed),
                "generation": 1,
            }
        )
    session.execute(sa.insert(Invitation), rows)


def settle_cells(session: Session, wave: Wave, invited: Mapping[CellKey, int]) -> None:
    """Make the cells that are invited in, and share the quotas of their groups among them."""
    plan = surveys.plan_of(wave)
    known = {_key(cell): cell for cell in cells_of(session, wave)}
    groups = {group for group, _, _ in invited}
    targets: dict[CellKey, int] = {}
    for group in groups:
        own = {key: n for key, n in invited.items() if key[0] == group and n}
        targets |= cell_targets(plan["quotas"][group], own, plan.get("balances", {}).get(group, {}))
    for key in sorted(targets, key=_cell_order):
        if key not in known:
            group, band, locality = key
            known[key] = QuotaCell(
                wave_id=wave.id, group=group, grade_band=band, locality=locality, target=targets[key]
            )
            session.add(known[key])
    for key, cell in known.items():
        if key[0] in groups:
            cell.target = targets.get(key, 0)
    session.flush()


def cells_of(session: Session, wave: Wave) -> list[QuotaCell]:
    """The cells of those who were drawn by name."""
    return list(
        session.scalars(sa.select(QuotaCell).where(QuotaCell.wave_id == wave.id, QuotaCell.way == "drawn"))
    )


def invited_now(session: Session, wave: Wave, groups: Sequence[str]) -> dict[CellKey, int]:
    """Invitations that are valid, by cell of *groups*."""
    counted = session.execute(
        sa.select(QuotaCell.group, QuotaCell.grade_band, QuotaCell.locality, sa.func.count())
        .join(Invitation, Invitation.quota_cell_id == QuotaCell.id)
        .where(
            Invitation.wave_id == wave.id, Invitation.revoked_at.is_(None), QuotaCell.group.in_(list(groups))
        )
        .group_by(QuotaCell.group, QuotaCell.grade_band, QuotaCell.locality)
    )
    return {(group, band, locality): n for group, band, locality, n in counted}


def _unit_of_persons(wave: Wave, group: str, stratum: sampling.DrawnStratum) -> DrawnUnit:
    """One row for a group drawn as persons: every person is a sampling unit, all with one probability."""
    return DrawnUnit(
        wave_id=wave.id,
        group=group,
        stratum=stratum.name,
        psu="",
        position=0,
        school_code=None,
        stratum_psus=stratum.size,
        size=stratum.size,
        places=stratum.n,
        probability=str(Fraction(stratum.n, stratum.size)),
    )


def _batches(session: Session, wave: Wave, places: Sequence[Place]) -> dict[BatchKey, Batch]:
    """The batches of *places*: those that are there, and new ones behind them."""
    wanted = batch_keys(places)
    firsts = {place.batch: place for place in reversed(places)}
    there = session.scalars(sa.select(Batch).where(Batch.wave_id == wave.id).order_by(Batch.position)).all()
    names = {
        school.code: school.name
        for school in session.scalars(sa.select(School).where(School.county_file_id == wave.county_file_id))
    }
    known = {(batch.group, _place_of(batch)): batch for batch in there}
    found: dict[BatchKey, Batch] = {}
    for key in wanted:
        place = firsts[key]
        school = place.unit.school if place.clustered else None
        title = _place_name(names[school], place) if school else wave.county.name
        batch = known.get((place.group, (school, title)))
        if batch is None:
            position = len(known)
            batch = Batch(
                wave_id=wave.id, group=place.group, place=title, school_code=school, position=position
            )
            session.add(batch)
            known[place.group, (school, title)] = batch
        found[key] = batch
    session.flush()
    return found


def _place_of(batch: Batch) -> tuple[str | None, str]:
    return batch.school_code, batch.place


def _place_name(school: str, place: Place) -> str:
    """The school, with the stage where it has more than one."""
    return f"{school}（{GRADE_BANDS[place.unit.band].label.zh}）" if place.several_stages else school


def _key(cell: QuotaCell) -> CellKey:
    return cell.group, cell.grade_band, cell.locality


def _cell_order(key: CellKey) -> tuple[int, ...]:
    """The vocabulary's order; no grade band and no locality come first."""
    words = (GROUPS, ("", *GRADE_BANDS), ("", *LOCALITIES))
    return tuple(list(known).index(part) for known, part in zip(words, key, strict=True))
