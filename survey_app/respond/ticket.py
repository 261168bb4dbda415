"""Tickets: what a page must remember between two requests, encrypted, without a session or a time limit.

A ticket travels in a hidden field (a landing ticket also in the address), so two cards work on one phone
and a page left open for days still submits. Only this server can read or make one, which is why it also
serves as the proof that a form came from our own page.
"""

import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from functools import cache
from typing import ClassVar, Self

from nacl.exceptions import CryptoError
from nacl.secret import SecretBox

from survey_app.errors import JunhengError
from survey_app.languages import LANGUAGES

#: What was sent for one question: a value, or several.
Given = str | Sequence[str]

_WRITER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))

#: Bytes of a submit nonce.
_NONCE_BYTES = 16


class TicketError(JunhengError):
    """The ticket is missing, damaged, of another installation or of another kind of page."""

    code = "bad_ticket"
    status = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealable:
    """A ticket of one kind; `kind` keeps one from passing for another."""

    kind: ClassVar[str] = ""

    @classmethod
    @cache
    def _names(cls) -> tuple[str, ...]:
        return tuple(each.name for each in fields(cls))

    def seal(self, key: bytes) -> str:
        """Write the ticket as text for a field or an address."""
        document = _WRITER.encode([self.kind, {name: getattr(self, name) for name in self._names()}])
        sealed = SecretBox(key).encrypt(document.encode("utf-8", "surrogatepass"))
        return base64.urlsafe_b64encode(sealed).decode("ascii").rstrip("=")

    @classmethod
    def open(cls, key: bytes, text: str | None) -> Self:
        """Read a ticket back.

        Raises:
            TicketError: it is not a ticket of this kind made with *key*.
        """
        try:
            sealed = base64.urlsafe_b64decode((text or "").encode("ascii") + b"==")
            document = SecretBox(key).decrypt(sealed).decode("utf-8", "surrogatepass")
            kind, content = json.loads(document)
            if kind == cls.kind:
                return cls(**content)
        except (CryptoError, ValueError, TypeError) as error:
            raise TicketError from error
        raise TicketError


@dataclass(frozen=True, slots=True, kw_only=True)
class Typing(Sealable):
    """Proof that a typed code came from our own form."""

    kind: ClassVar[str] = "typing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Landing(Sealable):
    """A card or an open entry that was opened; nothing has been begun."""

    kind: ClassVar[str] = "landing"

    #: None where a code was opened that many use.
    invitation_id: int | None
    wave_id: int
    group: str
    #: The class's or village's code or the poster; None for a card.
    point_id: int | None = None
    #: Which printing of the card, or of the code, was opened: what comes after it is somebody else's.
    generation: int = 1
    #: Until when (Unix time) a questionnaire can be begun; 0 as long as the wave takes answers.
    good_until: int = 0
    #: One-time value of a phone before an open entry: with it one questionnaire is begun, never two.
    seat: str = ""
    #: Where answers of the card come from (`glances.Origin`); None where that is looked up with the answer.
    origin: Sequence[str | None] | None = None

    @property
    def seat_hash(self) -> bytes:
        """What the entry keeps of the seat."""
        return hashlib.sha256(self.seat.encode("ascii")).digest()

    def is_over(self, now: datetime) -> bool:
        """Whether nothing new can be begun with it any more."""
        return 0 < self.good_until < now.timestamp()

    def seat_key(self, key: bytes) -> str:
        """Name under which the phone remembers its seat at this open entry; empty for a card."""
        return _short_name(key, f"seat {self.point_id}") if self.point_id is not None else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket(Sealable):
    """A questionnaire that was begun."""

    kind: ClassVar[str] = "entry"

    entry_id: int
    wave_id: int
    group: str
    version_id: int
    #: Name of the county, as questions speak of it.
    county: str
    language: str
    #: One-time value: the same again is the same answer, sent twice.
    nonce: str
    #: When it was begun, in whole minutes; only a band of it is ever kept.
    begun_minute: int
    #: Name of the school, where the person was reached through one.
    school: str = ""
    #: web, or phone where an interviewer reads the questions out.
    mode: str = "web"
    #: The invitation of its card and where its answer comes from, as `Landing` has them.
    invitation_id: int | None = None
    origin: Sequence[str | None] | None = None

    @property
    def nonce_hash(self) -> bytes:
        """What the entry keeps of the nonce."""
        return hashlib.sha256(self.nonce.encode("ascii")).digest()

    @property
    def order_seed(self) -> str:
        """What decides the order of shuffled items and options: the same for every Begin of one entry."""
        return hashlib.sha256(f"order {self.entry_id}".encode("ascii")).hexdigest()[:16]

    def draft_key(self, key: bytes) -> str:
        """Name under which the phone keeps a draft: the same for every Begin of one entry, and no code."""
        return _short_name(key, f"draft {self.entry_id}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Carried(Sealable):
    """Where a person is in the questionnaire and what they answered on earlier pages."""

    kind: ClassVar[str] = "carried"

    #: Nonce of the entry ticket it belongs to.
    nonce: str
    #: Number of the page that is shown, from 0.
    page: int = 0
    #: Key of an answer -> what was sent, unchecked.
    answers: Mapping[str, Given] = field(default_factory=dict)
    #: Conditional items that stand on the page.
    offered: tuple[str, ...] = ()

    def at(self, page: int, answers: Mapping[str, Given], offered: tuple[str, ...]) -> "Carried":
        """The same person on another page."""
        return replace(self, page=page, answers=dict(answers), offered=tuple(offered))


def issue(
    *,
    entry_id: int,
    wave_id: int,
    group: str,
    version_id: int,
    county: str,
    language: str,
    invitation_id: int | None = None,
    origin: Sequence[str | None] | None = None,
    now: datetime,
) -> Ticket:
    """Make the ticket of a questionnaire begun at *now*, with a fresh nonce."""
    return Ticket(
        entry_id=entry_id,
        wave_id=wave_id,
        group=group,
        version_id=version_id,
        county=county,
        language=language if language in LANGUAGES else LANGUAGES[0],
        nonce=secrets.token_urlsafe(_NONCE_BYTES),
        begun_minute=_minute(now),
        invitation_id=invitation_id,
        origin=origin,
    )


def open_landing(
    *, wave_id: int, group: str, point_id: int, generation: int, until: datetime | None
) -> Landing:
    """The landing of a phone before an open entry, with a seat of its own; good for a Begin *until* then."""
    return Landing(
        invitation_id=None,
        wave_id=wave_id,
        group=group,
        point_id=point_id,
        generation=generation,
        good_until=int(until.timestamp()) if until else 0,
        seat=secrets.token_urlsafe(_NONCE_BYTES),
    )


def duration_band(ticket: Ticket, now: datetime) -> str:
    """How long answering took, in the three bands that are kept: in whole minutes, never exactly."""
    minutes = _minute(now) - ticket.begun_minute
    if minutes < 2:
        return "under_2"
    return "2_to_10" if minutes <= 10 else "over_10"


def open_pair(key: bytes, ticket_text: str | None, carried_text: str | None) -> tuple[Ticket, Carried]:
    """The entry ticket of a form and what it carries.

    Raises:
        TicketError: one is missing or damaged, or they belong to different questionnaires.
    """
    ticket = Ticket.open(key, ticket_text)
    carried = Carried.open(key, carried_text)
    if carried.nonce != ticket.nonce:
        raise TicketError
    return ticket, carried


def _short_name(key: bytes, message: str) -> str:
    keyed = hmac.digest(key, message.encode("ascii"), "sha256")
    return base64.urlsafe_b64encode(keyed[:12]).decode("ascii")


def _minute(now: datetime) -> int:
    return int(now.timestamp()) // 60
