"""Pages drawn once and kept, with slots for what differs from person to person.

Two people who answer the same version in the same group and language see the same page but for their tickets.
The page is drawn once with marks in the places of the tickets, cut at the marks, and its pieces are kept,
already compressed; a reply is put together from them in some microseconds. A gzip stream may be joined from
parts that were compressed apart, as long as each ends on a byte and refers to nothing before it.
"""

import secrets
import struct
import threading
import zlib
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass

from flask import Response, request
from markupsafe import Markup, escape

#: Pages kept by a process; the one that was not asked for longest goes first.
MOST_PAGES = 512

_HEAD = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"
_LAST_BLOCK = b"\x03\x00"
_LONGEST_STORED = 0xFFFF

#: What is said of a kept page that goes out as it is, or compressed.
_SAID = (("Content-Type", "text/html; charset=utf-8"), ("Vary", "Accept-Encoding, Cookie"))
HEADERS = {False: _SAID, True: (*_SAID, ("Content-Encoding", "gzip"))}

#: Made anew by every process, so that nobody can write a mark into an answer.
_MARK = f"[{secrets.token_hex(16)}:"


@dataclass(frozen=True, slots=True)
class Template:
    """A page with its slots cut out."""

    #: The pieces between the slots, one more than there are slots.
    pieces: tuple[bytes, ...]
    slots: tuple[str, ...]
    zipped: tuple[bytes, ...]

    def fill(self, **values: str) -> bytes:
        """The page with *values* in its slots."""
        whole = [self.pieces[0]]
        for slot, piece in zip(self.slots, self.pieces[1:], strict=True):
            whole += (_encoded(values[slot]), piece)
        return b"".join(whole)

    def fill_zipped(self, **values: str) -> bytes:
        """The same, compressed as gzip."""
        checksum, length = zlib.crc32(self.pieces[0]), len(self.pieces[0])
        parts = [_HEAD, self.zipped[0]]
        for position, slot in enumerate(self.slots, start=1):
            value = _encoded(values[slot])
            piece = self.pieces[position]
            checksum = zlib.crc32(piece, zlib.crc32(value, checksum))
            length += len(value) + len(piece)
            parts += (_as_stored(value), self.zipped[position])
        parts += (_LAST_BLOCK, struct.pack("<II", checksum, length & 0xFFFFFFFF))
        return b"".join(parts)

    def reply(self, *, zipped: bool, **values: str) -> Response:
        """The page with *values* in its slots as an answer, compressed if the reader takes that."""
        return Response(self.body(zipped=zipped, **values), headers=HEADERS[zipped])

    def body(self, *, zipped: bool, **values: str) -> bytes:
        """The page with *values* in its slots, compressed or not."""
        return self.fill_zipped(**values) if zipped else self.fill(**values)


class KeptPages:
    """The pages that one application keeps."""

    def __init__(self, most: int = MOST_PAGES):
        self._most = most
        self._kept: OrderedDict[Hashable, Template] = OrderedDict()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._kept)

    def respond(self, key: Hashable, draw: Callable[[], str], **values: str) -> Response:
        """Answer the current request with the page of *key*, drawn only if it is not kept.

        Args:
            key: everything the page depends on, other than the values of its slots; None keeps nothing.
            draw: draws the page with `slot` in the place of each value.
            values: what goes into each slot; it is escaped as text of an HTML attribute.
        """
        return self._template(key, draw).reply(zipped=accepts_gzip(), **values)

    def kept(self, key: Hashable) -> Template | None:
        """The page of *key*, if it is kept."""
        with self._lock:
            template = self._kept.get(key)
            if template is not None:
                self._kept.move_to_end(key)
        return template

    def _template(self, key: Hashable, draw: Callable[[], str]) -> Template:
        template = self.kept(key)
        if template is not None:
            return template
        template = cut(draw())
        if key is not None:
            with self._lock:
                self._kept[key] = template
                while len(self._kept) > self._most:
                    self._kept.popitem(last=False)
        return template


def slot(name: str) -> Markup:
    """The mark that stands in a page for a value that differs from person to person."""
    return Markup(f"{_MARK}{name}]")  # noqa: S704  made here, of letters and brackets


def cut(page: str) -> Template:
    """Cut a drawn page at its marks and compress the pieces."""
    first, *rest = page.split(_MARK)
    named = [each.partition("]") for each in rest]
    pieces = [first.encode("utf-8"), *(piece.encode("utf-8") for _, _, piece in named)]
    return Template(
        tuple(pieces), tuple(name for name, _, _ in named), tuple(_zipped(each) for each in pieces)
    )


def accepts_gzip() -> bool:
    """Whether the reader of the current request takes gzip."""
    return takes_gzip(request.headers.get("Accept-Encoding", ""))


def takes_gzip(accepted: str) -> bool:
    """Whether a reader who accepts these encodings takes gzip."""
    return "gzip" in accepted.lower()


def _encoded(value: str) -> bytes:
    return str(escape(value)).encode("utf-8")


def _zipped(piece: bytes) -> bytes:
    """A part of a stream that ends on a byte and is not the last."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    return packer.compress(piece) + packer.flush(zlib.Z_FULL_FLUSH)


def _as_stored(value: bytes) -> bytes:
    """A part of a stream that is not compressed: tickets look random and would not shrink much."""
    parts = []
    for start in range(0, len(value), _LONGEST_STORED):
        block = value[start : start + _LONGEST_STORED]
        parts.append(b"\x00" + struct.pack("<HH", len(block), len(block) ^ 0xFFFF) + block)
    return b"".join(parts)
