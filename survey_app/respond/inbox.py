"""The sealed inbox: what goes in can be read by nobody until the wave's private key is taken out.

A sealed answer stands under a random number and has been padded, so that neither its place in the table
nor its length says whose it is.
"""

import json
import secrets
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from nacl.exceptions import CryptoError
from nacl.public import PrivateKey, PublicKey, SealedBox

from survey_app.fieldwork import spending
from survey_app.respond.models import SealedAnswer
from survey_app.wire.connection import Link, can, leave, perform
from survey_app.wire.statement import Statement

#: Sealed content is padded to a multiple of this many bytes; all but the longest comments fit one.
SIZE_CLASS = 4096

#: Bytes that hold the length of the content before its padding.
_HEADER = 4

_ID_BYTES = 16

_INSERT = Statement(sa.insert(SealedAnswer), "id", "wave_id", "sealed")

#: The same for a card, whose entry it spends.
_INSERT_AT_ONCE = spending.with_answer(
    lambda spent: sa.insert(SealedAnswer).from_select(
        ["id", "wave_id", "sealed"],
        sa.select(
            sa.bindparam("fresh_id", type_=SealedAnswer.id.type),
            spent.c.wave_id,
            sa.bindparam("sealed", type_=SealedAnswer.sealed.type),
        ),
    )
)


class UnreadableSealError(Exception):
    """A sealed answer that this private key does not open, or that is damaged."""


def seal(public_key: bytes, payload: Mapping[str, Any]) -> bytes:
    """Seal *payload* so that only the holder of the private key can read it."""
    content = json.dumps(payload, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode("utf-8")
    padded = len(content).to_bytes(_HEADER, "big") + content
    padded += bytes(-len(padded) % SIZE_CLASS)
    return SealedBox(PublicKey(public_key)).encrypt(padded)


def open_sealed(private_key: bytes, blob: bytes) -> dict[str, Any]:
    """Read what `seal` sealed.

    Raises:
        UnreadableSealError: with another key, or when the blob is damaged.
    """
    try:
        padded = SealedBox(PrivateKey(private_key)).decrypt(blob)
        length = int.from_bytes(padded[:_HEADER], "big")
        return json.loads(padded[_HEADER : _HEADER + length])
    except (CryptoError, ValueError, TypeError) as error:
        raise UnreadableSealError from error


def put(link: Link, wave_id: int, public_key: bytes, payload: Mapping[str, Any]) -> None:
    """Store *payload* sealed, under a fresh random number."""
    sealed = seal(public_key, payload)
    leave(link, _INSERT, {"id": _fresh_id(), "wave_id": wave_id, "sealed": sealed})


def takes_at_once(link: Link) -> bool:
    """Whether `put_at_once` can be used on *link*."""
    return can(link, _INSERT_AT_ONCE)


def put_at_once(link: Link, spent: Mapping[str, Any], public_key: bytes, payload: Mapping[str, Any]) -> bool:
    """Store *payload* as `put` and spend a card's entry (`spending.values`), or do neither; which it was."""
    stored = {"fresh_id": _fresh_id(), "sealed": seal(public_key, payload)}
    return perform(link, _INSERT_AT_ONCE, {**spent, **stored}) == 1


def _fresh_id() -> bytes:
    return secrets.token_bytes(_ID_BYTES)
