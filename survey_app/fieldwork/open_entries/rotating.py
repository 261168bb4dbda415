"""Codes that change by the minute, for a proctor's screen: made from the open entry and the time alone.

A picture of the screen that is passed on is worth nothing soon. Nothing is stored: the code says which open
entry and which step of time it belongs to, and proves it with a keyed hash.
"""

import base64
import binascii
import hashlib
import hmac
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from survey_app.fieldwork import codes

#: How long a code is still good after its step has ended: time to type it, or to find the camera.
GRACE = timedelta(seconds=60)

#: How long after it was scanned a questionnaire can be begun: time to read who asks, none to pass it on.
BEGIN_WITHIN = timedelta(minutes=10)

#: For how long a code that is over is told from one that never was.
_REMEMBERED = timedelta(hours=1)

#: Letters in an address: 4 bytes of number, 4 of step, 12 of proof.
_ADDRESS_LETTERS = 27
_PROOF_BYTES = 12

#: Letters of the typable form that name the open entry; those that prove it; the check character.
_NAMING = 5
_PROVING = codes.TYPED_LENGTH - 1 - _NAMING


@dataclass(frozen=True, slots=True, kw_only=True)
class Rotating:
    """Both forms of the code of one step, and when the next one comes."""

    #: As it stands in an address: 27 letters.
    in_address: str
    #: Twelve letters, the last being the check character.
    typed: str
    ends: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """What a code that was read says it is; `holds` tells whether that is so."""

    point_id: int
    #: None where it was typed: then it may be of any step that is still good.
    step: int | None
    proof: bytes | str

    def holds(self, code_key: bytes, *, generation: int, every: int, now: datetime) -> bool:
        """Whether the code was made for this open entry and is still good at *now*."""
        return self._is_of(_steps(every, now - GRACE, now), code_key, generation)

    def held(self, code_key: bytes, *, generation: int, every: int, now: datetime) -> bool:
        """Whether the code was good within the last hour."""
        return self._is_of(_steps(every, now - _REMEMBERED, now), code_key, generation)

    def _is_of(self, steps: range, code_key: bytes, generation: int) -> bool:
        if isinstance(self.proof, str):
            wanted = [_typed_proof(code_key, self.point_id, generation, step) for step in steps]
            return any(hmac.compare_digest(self.proof, each) for each in wanted)
        if self.step is None or self.step not in steps:
            return False
        return hmac.compare_digest(self.proof, _proof(code_key, self.point_id, generation, self.step))


def code_at(code_key: bytes, *, point_id: int, generation: int, every: int, now: datetime) -> Rotating:
    """The code that the screen shows at *now*; it changes every *every* seconds."""
    step = _step(every, now)
    proof = _proof(code_key, point_id, generation, step)
    content = point_id.to_bytes(4, "big") + step.to_bytes(4, "big") + proof
    body = codes.letters_of(point_id, _NAMING) + _typed_proof(code_key, point_id, generation, step)
    return Rotating(
        in_address=base64.urlsafe_b64encode(content).rstrip(b"=").decode("ascii"),
        typed=body + codes.check_character(body),
        ends=datetime.fromtimestamp((step + 1) * every, UTC),
    )


def read_address(text: str) -> Claim | None:
    """The claim in *text* as it stands in an address, or None if it is none."""
    if len(text) != _ADDRESS_LETTERS or not text.isascii():
        return None
    try:
        content = base64.b64decode(text + "=", altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None
    return Claim(
        point_id=int.from_bytes(content[:4], "big"),
        step=int.from_bytes(content[4:8], "big"),
        proof=content[8:],
    )


def read_typed(typed: str) -> Claim:
    """The claim in a typable form, as `codes.read_typed` gives it."""
    return Claim(point_id=codes.number_of(typed[:_NAMING]), step=None, proof=typed[_NAMING:-1])


def _step(every: int, now: datetime) -> int:
    return int(now.timestamp()) // every


def _steps(every: int, first: datetime, last: datetime) -> range:
    """The steps that touch the time from *first* to *last*."""
    return range(_step(every, first), _step(every, last) + 1)


def _proof(code_key: bytes, point_id: int, generation: int, step: int) -> bytes:
    content = f"rotating\n{point_id}\n{generation}\n{step}".encode("ascii")
    return hmac.digest(code_key, content, hashlib.sha256)[:_PROOF_BYTES]


def _typed_proof(code_key: bytes, point_id: int, generation: int, step: int) -> str:
    content = f"rotating typed\n{point_id}\n{generation}\n{step}".encode("ascii")
    return codes.letters_of(int.from_bytes(hmac.digest(code_key, content, hashlib.sha256)[:8]), _PROVING)
