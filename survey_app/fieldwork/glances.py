"""What the public side needs to know of a card, an entry and their wave: each in one statement, as one row.

A phone asks little and asks it often. Rows of just the columns it needs cost a fifth of whole objects with
everything that hangs on them (a wave carries its plan and rules along).
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa

from survey_app.counties.models import Region
from survey_app.fieldwork import codes
from survey_app.fieldwork.models import Entry, EntryPoint, Invitation, PhoneCase
from survey_app.surveys.models import QuotaCell, Wave, WaveState, state_of
from survey_app.wire.connection import Link, row, row_then
from survey_app.wire.statement import Statement


class CountyGlance(NamedTuple):
    """A county as a phone needs it."""

    name: str


class WaveGlance(NamedTuple):
    """A wave as a phone needs it."""

    id: int
    county_name: str
    title: str
    contact: str
    pressure_contact: str
    opens_at: datetime
    closes_at: datetime
    drawn_at: datetime | None
    opened_at: datetime | None
    closed_at: datetime | None
    mixed_at: datetime | None
    released_at: datetime | None
    aborted_at: datetime | None
    #: Answers are sealed to this key; None until the wave opens.
    public_key: bytes | None

    @property
    def county(self) -> CountyGlance:
        """The county, as a whole wave gives it."""
        return CountyGlance(self.county_name)

    @property
    def state(self) -> WaveState:
        """Where the wave stands."""
        return state_of(self)

    def takes_answers(self, now: datetime) -> bool:
        """Whether an answer sent at *now* still counts."""
        return self.state is WaveState.OPEN and self.opens_at <= now <= self.closes_at


class Origin(NamedTuple):
    """Where an answer comes from, as it is sealed with it. It never changes once a card or code is out."""

    group: str
    grade_band: str
    locality: str
    #: drawn, class or poster.
    way: str
    #: Where the card or open entry stands in the design; None where it does not.
    stratum: str | None
    psu: str | None


class Card(NamedTuple):
    """A personal card, with what became of it."""

    id: int
    revoked_at: datetime | None
    #: Which printing of the card has the code now.
    generation: int
    #: Its entry, if it was ever begun, and whether an answer was sent.
    entry_id: int | None
    spent: bool
    origin: Origin
    wave: WaveGlance


class Begun(NamedTuple):
    """An entry when its answer comes in."""

    id: int
    kind: str
    state: str
    nonce_hash: bytes | None
    surplus: bool
    reserved_until: datetime | None
    #: The card it was begun with; None for open entries, and where the card was replaced since.
    invitation_id: int | None
    entry_point_id: int | None
    quota_cell_id: int
    #: The card's batch; None for open entries.
    batch_id: int | None
    #: The telephone case of the invited person, if there is one.
    case_id: int | None
    origin: Origin
    wave: WaveGlance


_WAVE = (
    Wave.id,
    Region.name,
    Wave.title,
    Wave.contact,
    Wave.pressure_contact,
    Wave.opens_at,
    Wave.closes_at,
    Wave.drawn_at,
    Wave.opened_at,
    Wave.closed_at,
    Wave.mixed_at,
    Wave.released_at,
    Wave.aborted_at,
    Wave.public_key,
)

_CELL = (QuotaCell.group, QuotaCell.grade_band, QuotaCell.locality, QuotaCell.way)

#: The columns of a statement come in the order of the fields, those of the wave and the cell first.
_AFTER_WAVE = len(_WAVE)
_AFTER_CELL = _AFTER_WAVE + len(_CELL)

_CARD = (
    sa.select(
        *_WAVE,
        *_CELL,
        Invitation.id,
        Invitation.revoked_at,
        Invitation.generation,
        Entry.id,
        Entry.state,
        Invitation.stratum,
        Invitation.psu,
    )
    .join_from(Invitation, Wave, Wave.id == Invitation.wave_id)
    .join(Region, Region.code == Wave.county_code)
    .join(QuotaCell, QuotaCell.id == Invitation.quota_cell_id)
    .outerjoin(Entry, Entry.invitation_id == Invitation.id)
)
_BY = {
    "id": Statement(_CARD.where(Invitation.id == sa.bindparam("wanted"))),
    "token": Statement(_CARD.where(Invitation.token_hash == sa.bindparam("wanted"))),
    "typed": Statement(_CARD.where(Invitation.typed_hash == sa.bindparam("wanted"))),
}

_WAVE_BY_ID = Statement(
    sa.select(*_WAVE)
    .join_from(Wave, Region, Region.code == Wave.county_code)
    .where(Wave.id == sa.bindparam("wanted"))
)

_BEGUN = Statement(
    sa.select(
        *_WAVE,
        *_CELL,
        Entry.id,
        Entry.kind,
        Entry.state,
        Entry.nonce_hash,
        Entry.surplus,
        Entry.reserved_until,
        Entry.invitation_id,
        Entry.entry_point_id,
        Entry.quota_cell_id,
        Invitation.batch_id,
        PhoneCase.id,
        Invitation.stratum,
        Invitation.psu,
        EntryPoint.stratum,
        EntryPoint.psu,
    )
    .join_from(Entry, Wave, Wave.id == Entry.wave_id)
    .join(Region, Region.code == Wave.county_code)
    .join(QuotaCell, QuotaCell.id == Entry.quota_cell_id)
    .outerjoin(Invitation, Invitation.id == Entry.invitation_id)
    .outerjoin(PhoneCase, PhoneCase.invitation_id == Entry.invitation_id)
    .outerjoin(EntryPoint, EntryPoint.id == Entry.entry_point_id)
    .where(Entry.id == sa.bindparam("wanted"))
    # Until the transaction ends the wave cannot be closed, nor the entry be spent or parted from its card;
    # answers of one wave do not wait for one another. Who closes waves or replaces cards locks in this order.
    .suffix_with(
        f"FOR SHARE OF {Wave.__tablename__} FOR UPDATE OF {Entry.__tablename__}", dialect="postgresql"
    )
)


def card_by_code(link: Link, code_key: bytes, code_text: str) -> Card | None:
    """The card with this code, given as the address carries it or as it was typed; None if there is none.

    Raises:
        MistypedCodeError: a typed code that cannot be one; no question to the database.
    """
    token = codes.read_token(code_text)
    if token is not None:
        return _card(link, "token", codes.token_hash(code_key, token))
    return _card(link, "typed", codes.typed_hash(code_key, codes.read_typed(code_text)))


def card_by_id(link: Link, invitation_id: int) -> Card | None:
    """The card of this invitation, if there is one."""
    return _card(link, "id", invitation_id)


def wave_by_id(link: Link, wave_id: int) -> WaveGlance | None:
    """The wave with this number, if there is one."""
    found = row(link, _WAVE_BY_ID, {"wanted": wave_id})
    return None if found is None else WaveGlance(*found)


def begun_before(
    link: Link, entry_id: int, allow: Callable[[Begun | None], Begun], spending: tuple[Statement, Mapping]
) -> Begun:
    """The entry with this number as it was before *spending* is performed, unless *allow* raises.

    Nobody else changes it or its wave from then on until the transaction ends.
    """
    looked_for = _BEGUN, {"wanted": entry_id}
    return row_then(link, looked_for, lambda found: allow(_begun(found)), spending)


def _begun(found: tuple | None) -> Begun | None:
    if found is None:
        return None
    *known, stratum, psu, point_stratum, point_psu = found[_AFTER_CELL:]
    origin = _origin(found, stratum or point_stratum, psu or point_psu)
    return Begun(*known, origin=origin, wave=WaveGlance(*found[:_AFTER_WAVE]))


def _card(link: Link, by: str, wanted: Any) -> Card | None:
    found = row(link, _BY[by], {"wanted": wanted})
    if found is None:
        return None
    *known, state, stratum, psu = found[_AFTER_CELL:]
    origin = _origin(found, stratum, psu)
    return Card(*known, spent=state == "spent", origin=origin, wave=WaveGlance(*found[:_AFTER_WAVE]))


def _origin(found: tuple, stratum: str | None, psu: str | None) -> Origin:
    return Origin(*found[_AFTER_WAVE:_AFTER_CELL], stratum=stratum or None, psu=psu or None)
