"""Access codes (访问码): made from a secret key, so that a sheet can be printed again without storing them.

A code has two forms. The QR picture carries 128 bits in the address; the typable form has eleven letters
and a check character. Both come from the place of the card (wave, batch, serial, generation) and the key
alone; the database keeps keyed hashes of them and nothing else.
"""

import base64
import binascii
import hashlib
import hmac
import unicodedata
from dataclasses import dataclass

from survey_app.errors import JunhengError

#: 32 letters without I, L, O and U. A letter's place is its value in the field of 32 elements.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

#: What people read or type instead.
CONFUSED = {"O": "0", "I": "1", "L": "1", "U": "V"}

#: Letters of the typable form, the check character included.
TYPED_LENGTH = 12

_SEPARATORS = set(" \t\r\n-‐‑–—－_·.、")
_VALUE = {letter: value for value, letter in enumerate(ALPHABET)}

#: Powers 1 to 12 of the primitive element of GF(32) = GF(2)[x] / (x⁵ + x² + 1): all different, none 0.
_WEIGHTS = (2, 4, 8, 16, 5, 10, 20, 13, 26, 17, 7, 14)


class MistypedCodeError(JunhengError):
    """The typed text is no access code; `code` names the reason and the facts say what was found."""

    status = 422


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    """Both forms of one access code."""

    #: 16 bytes, carried by the QR picture.
    token: bytes
    #: Twelve letters, the last being the check character.
    typed: str

    @property
    def in_address(self) -> str:
        """The token as it stands in an address: 22 letters."""
        return base64.urlsafe_b64encode(self.token).rstrip(b"=").decode("ascii")


def derive(code_key: bytes, *, wave_id: int, batch_id: int, serial: int, generation: int) -> Code:
    """Make the code of one card; the same place always gives the same code."""
    return _derive(code_key, f"{wave_id}\n{batch_id}\n{serial}\n{generation}", "token", "typed")


def derive_open(code_key: bytes, *, wave_id: int, number: int, generation: int) -> Code:
    """Make the code of an open entry, which many may use; the same one always has the same code."""
    return _derive(code_key, f"{wave_id}\n{number}\n{generation}", "open token", "open typed")


def letters_of(number: int, length: int) -> str:
    """The lowest bits of *number* as *length* letters, the lowest five first.

    >>> letters_of(32 + 31, 3)
    'Z10'
    """
    return "".join(ALPHABET[number >> 5 * position & 31] for position in range(length))


def number_of(letters: str) -> int:
    """What `letters_of` wrote."""
    return sum(_VALUE[letter] << 5 * position for position, letter in enumerate(letters))


def token_hash(code_key: bytes, token: bytes) -> bytes:
    """The keyed hash under which a token is stored."""
    return _keyed(code_key, "stored token", token)


def typed_hash(code_key: bytes, typed: str) -> bytes:
    """The keyed hash under which a typable form is stored."""
    return _keyed(code_key, "stored typed", typed.encode("ascii"))


def check_character(body: str) -> str:
    """The twelfth letter for the eleven of *body*.

    The values of all twelve, weighted by different elements of GF(32), add up to 0. A single wrong letter
    changes the sum, and so does a swap of any two different letters.

    >>> check_character("7F3KQ29ZTAB")
    'R'
    """
    total = 0
    for weight, letter in zip(_WEIGHTS, body, strict=False):
        total ^= _times(weight, _VALUE[letter])
    return ALPHABET[_times(_inverse(_WEIGHTS[-1]), total)]


def read_token(text: str) -> bytes | None:
    """The token in *text* (as it stands in an address), or None if there is none."""
    if len(text) != 22 or not text.isascii():
        return None
    try:
        token = base64.b64decode(text + "==", altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None
    return token if Code(token=token, typed="").in_address == text else None


def read_typed(text: str) -> str:
    """The typable form in *text*: any case, with spaces or hyphens, full-width or confused letters.

    >>> read_typed("7f3k-q29z taBR")
    '7F3KQ29ZTABR'

    Raises:
        MistypedCodeError: nothing, a character that no code has, another length, or a wrong check character.
    """
    shown = unicodedata.normalize("NFKC", text).upper()
    letters = [CONFUSED.get(letter, letter) for letter in shown if letter not in _SEPARATORS]
    if not letters:
        raise MistypedCodeError("code_empty")
    strange = dict.fromkeys(letter for letter in letters if letter not in _VALUE)
    if strange:
        raise MistypedCodeError("code_letters", letters="".join(strange)[:8])
    if len(letters) != TYPED_LENGTH:
        raise MistypedCodeError("code_length", found=len(letters), needed=TYPED_LENGTH)
    typed = "".join(letters)
    if check_character(typed[:-1]) != typed[-1]:
        raise MistypedCodeError("code_check")
    return typed


def is_code(text: str) -> bool:
    """Whether *text* can be a card's code, in either form."""
    if read_token(text) is not None:
        return True
    try:
        return bool(read_typed(text))
    except MistypedCodeError:
        return False


def _derive(code_key: bytes, place: str, token_label: str, typed_label: str) -> Code:
    letters = int.from_bytes(_keyed(code_key, typed_label, place.encode())[:8])
    body = letters_of(letters, TYPED_LENGTH - 1)
    return Code(token=_keyed(code_key, token_label, place.encode())[:16], typed=body + check_character(body))


def _keyed(key: bytes, label: str, content: bytes) -> bytes:
    return hmac.digest(key, label.encode() + b"\n" + content, hashlib.sha256)


def _times(left: int, right: int) -> int:
    """The product of two elements of GF(32), written as polynomials over GF(2)."""
    product = 0
    while right:
        if right & 1:
            product ^= left
        left <<= 1
        if left & 32:
            left ^= 0b100101
        right >>= 1
    return product


def _inverse(element: int) -> int:
    """The inverse of an element other than 0: its 30th power, since every 31st is 1."""
    power = 1
    for _ in range(30):
        power = _times(power, element)
    return power
