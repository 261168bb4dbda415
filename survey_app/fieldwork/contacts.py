"""Names and telephone numbers of people who may have to be called: encrypted, and erased on a date."""

import json
from dataclasses import dataclass, field

from nacl.exceptions import CryptoError
from nacl.secret import SecretBox

from survey_app.errors import JunhengError


class UnreadableContactError(JunhengError):
    """A sealed contact that this key does not open."""

    code = "contact_unreadable"
    status = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Whom to call; neither part is ever printed by chance."""

    name: str = field(repr=False)
    phone: str = field(repr=False)


def seal(personal_key: bytes, *, name: str, phone: str) -> bytes:
    """Encrypt a name and a telephone number; the same person gives another text every time."""
    content = json.dumps([name, phone], ensure_ascii=False).encode()
    return SecretBox(personal_key).encrypt(content)


def open_sealed(personal_key: bytes, blob: bytes) -> Person:
    """Whose contact *blob* is.

    >>> key = bytes(32)
    >>> open_sealed(key, seal(key, name="王芳", phone="13800000000")).name
    '王芳'

    Raises:
        UnreadableContactError: it was sealed with another key, or altered.
    """
    try:
        name, phone = json.loads(SecretBox(personal_key).decrypt(bytes(blob)))
    except (CryptoError, ValueError) as error:
        raise UnreadableContactError from error
    return Person(name=name, phone=phone)
