"""Phones in great number: each a card, a connection, and the patience of the page's own script.

They speak HTTP over plain sockets, so that a thousand of them cost less than the server they ask.
"""

import asyncio
import gzip
import html
import random
import re
import time
import zlib
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from urllib.parse import urlencode, urlsplit

from tests.faults.installation import SCALE_ITEMS

_HEADING = re.compile(r"<h1[^>]*>([^<]*)</h1>")
_HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)"')

_LENGTH = re.compile(r"^content-length: (\d+)", re.IGNORECASE | re.MULTILINE)

#: How the library is told that what it unpacks is gzip, and how many bytes of a page are unpacked at a time.
_GZIP = 31
_PIECE = 2048

#: Longest pause between two tries of the page's script, in seconds.
_LONGEST_PAUSE = 30.0

#: Longest time a phone waits for one reply, in seconds.
_REPLY = 30.0


class LostError(Exception):
    """The connection was refused or cut, or no reply came."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What the server answered."""

    status: int
    #: Its headers, a line each.
    head: str
    raw: bytes

    def header(self, name: str) -> str | None:
        """The value of a header."""
        found = re.search(rf"^{name}: (.*?)\r?$", self.head, re.IGNORECASE | re.MULTILINE)
        return found[1] if found else None

    @property
    def text(self) -> str:
        """The page."""
        zipped = self.header("content-encoding") == "gzip"
        return (gzip.decompress(self.raw) if zipped else self.raw).decode("utf-8")

    def text_before(self, mark: bytes) -> str:
        """The page as far as *mark*; no more of it is unpacked."""
        if self.header("content-encoding") != "gzip":
            return self.raw.partition(mark)[0].decode("utf-8")
        unpacked, zipped = zlib.decompressobj(_GZIP), self.raw
        page = b""
        while zipped and mark not in page:
            page += unpacked.decompress(zipped, _PIECE)
            zipped = unpacked.unconsumed_tail
        return page.partition(mark)[0].decode("utf-8")

    @property
    def path(self) -> str:
        """Where a redirect leads."""
        parts = urlsplit(self.header("location") or "")
        return parts.path + (f"?{parts.query}" if parts.query else "")


class Line(asyncio.Protocol):
    """A kept connection that carries one request at a time."""

    def __init__(self, port: int):
        self._port = port
        #: The phone's own address.
        self.address = "127.0.0.1"
        self._transport: asyncio.Transport | None = None
        self._buffer = bytearray()
        self._waiting: asyncio.Future[Reply] | None = None

    async def ask(self, path: str, form: dict[str, str] | None = None, *, cut: bool = False) -> Reply:
        """Send a request and wait for its reply; *cut* loses the reply on its way.

        Raises:
            LostError: no reply came.
        """
        loop = asyncio.get_running_loop()
        if self._transport is None or self._transport.is_closing():
            try:
                await loop.create_connection(
                    lambda: self, "127.0.0.1", self._port, local_addr=(self.address, 0)
                )
            except OSError as error:
                raise LostError from error
        head = f"Host: 127.0.0.1:{self._port}\r\nAccept-Encoding: gzip\r\n"
        if form is None:
            message = f"GET {path} HTTP/1.1\r\n{head}\r\n".encode()
        else:
            body = urlencode(form)
            message = (
                f"POST {path} HTTP/1.1\r\n{head}Content-Type: application/x-www-form-urlencoded\r\n"
                f"Content-Length: {len(body)}\r\n\r\n{body}"
            ).encode()
        self._buffer.clear()
        self._waiting = loop.create_future()
        self._transport.write(message)
        try:
            async with asyncio.timeout(_REPLY):
                reply = await self._waiting
        except TimeoutError as error:
            self.close()
            raise LostError from error
        finally:
            self._waiting = None
        if cut:
            self.close()
            raise LostError
        return reply

    def close(self) -> None:
        """Hang up."""
        if self._transport is not None:
            self._transport.abort()
            self._transport = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the new connection."""
        self._transport = transport  # ty: ignore[invalid-assignment]

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell whoever waits."""
        self._transport = None
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_exception(LostError())

    def data_received(self, data: bytes) -> None:
        """Collect the reply until it is whole."""
        self._buffer += data
        end = self._buffer.find(b"\r\n\r\n")
        if end < 0 or self._waiting is None or self._waiting.done():
            return
        head = self._buffer[:end].decode("latin-1")
        length = _LENGTH.search(head)
        whole = end + 4 + (int(length[1]) if length else 0)
        if len(self._buffer) >= whole:
            raw = bytes(self._buffer[end + 4 : whole])
            self._waiting.set_result(Reply(int(head.split(maxsplit=2)[1]), head, raw))


@dataclass(slots=True)
class Journal:
    """What the phones saw."""

    #: Comments of the answers for which a thank-you page was promised.
    acknowledged: list[str] = field(default_factory=list)
    #: Phones that were told so before the first question, by what they were told.
    refused: Counter = field(default_factory=Counter)
    #: Phones that gave up, with the last thing they saw.
    gave_up: list[str] = field(default_factory=list)
    #: Step -> seconds of its successful tries, from the first byte sent to the last received.
    seconds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    #: Seconds from the first try of the submit to its acknowledgement.
    until_acknowledged: list[float] = field(default_factory=list)
    #: Replies other than the wanted ones, by status.
    statuses: Counter = field(default_factory=Counter)
    #: Seconds that refusals for want of capacity (503) took.
    shed: list[float] = field(default_factory=list)
    #: Headings of the pages by which they were asked to come back.
    told: Counter = field(default_factory=Counter)
    #: Requests that had to be sent a second and a third time or more.
    retried: Counter = field(default_factory=Counter)


class Phone:
    """Somebody with a card, or before a poster."""

    def __init__(
        self,
        port: int,
        code: str,
        name: str,
        journal: Journal,
        *,
        patience: float = 60.0,
        hurry: float = 1.0,
        watched: bool = False,
    ):
        self.line = Line(port)
        self.code = code
        self.name = name
        self.journal = journal
        self.patience = patience
        #: Shortens the pauses between tries: one test lasts seconds, a survey days.
        self.hurry = hurry
        self.watched = watched
        self.random = random.Random(name)
        self.hidden: dict[str, str] = {}
        self.answers = {
            **{f"q{number}": self.random.choice("12345") for number in range(1, SCALE_ITEMS + 1)},
            "comment": name,
        }

    async def complete(self, *, think: float = 0.0) -> bool:
        """Open, begin, submit and read the thank-you page; whether the answer was acknowledged."""
        try:
            return await self.open() and await self.begin() and await self._answer(think)
        finally:
            self.line.close()

    async def _answer(self, think: float) -> bool:
        if think:
            await asyncio.sleep(think)
        return await self.submit()

    async def open(self) -> bool:
        """Scan the code and read the first page."""
        reply = await self.keep_trying("open", f"/c/{self.code}", wanted=303)
        if reply is None:
            return False
        return await self._read("start", reply.path)

    async def _read(self, step: str, path: str) -> bool:
        reply = await self.keep_trying(step, path, wanted=200)
        if reply is None:
            return False
        self.hidden = dict(_HIDDEN.findall(reply.text))
        return True

    async def begin(self) -> bool:
        """Press the button that begins."""
        reply = await self.keep_trying("begin", "/begin", self.hidden, wanted=200)
        if reply is None:
            return False
        # They stand before the first question; most of the page is behind it.
        hidden = _HIDDEN.findall(reply.text_before(b"<fieldset"))
        self.hidden = {name: html.unescape(value) for name, value in hidden}
        return True

    @property
    def filled_in(self) -> dict[str, str]:
        """The form as it is sent."""
        return {**self.hidden, **{f"a.{item}": value for item, value in self.answers.items()}, "go": "next"}

    async def submit(self) -> bool:
        """Send the answers until they are acknowledged, then read the thank-you page."""
        begun = time.monotonic()
        reply = await self.keep_trying("submit", "/answer", self.filled_in, wanted=303)
        if reply is None:
            return False
        self.journal.acknowledged.append(self.name)
        self.journal.until_acknowledged.append(time.monotonic() - begun)
        return await self.keep_trying("thanks", reply.path, wanted=200) is not None

    async def keep_trying(
        self, step: str, path: str, form: dict[str, str] | None = None, *, wanted: int
    ) -> Reply | None:
        """Ask until the wanted reply comes, a refusal, or patience ends; pause as the page's script does."""
        deadline = time.monotonic() + self.patience
        tries = 0
        while True:
            said, pause = await self._try_once(step, path, form, wanted)
            if isinstance(said, Reply):
                if said.status == wanted:
                    return said
                self.journal.refused[f"{step} {said.status}"] += 1
                return None
            tries += 1
            self.journal.retried[tries] += 1
            if time.monotonic() > deadline:
                self.journal.gave_up.append(f"{self.name}: {step} {said}")
                return None
            if pause is None:
                pause = min(_LONGEST_PAUSE, 2 ** (tries - 1))
            await asyncio.sleep(pause * self.random.uniform(0.75, 1.25) * self.hurry)

    async def _try_once(
        self, step: str, path: str, form: dict[str, str] | None, wanted: int
    ) -> tuple[Reply | str, float | None]:
        """The reply; or what went wrong, with the pause the server asked for."""
        begun = time.monotonic()
        try:
            reply = await self.line.ask(path, form)
        except LostError:
            self.journal.statuses["lost"] += 1
            return "lost", None
        took = time.monotonic() - begun
        if reply.status == wanted:
            self.journal.seconds[step].append(took)
            return reply, None
        self.journal.statuses[reply.status] += 1
        if reply.status < 500:
            return reply, None
        if reply.status == 503:
            self.journal.shed.append(took)
            self.journal.told[" ".join(_HEADING.findall(reply.text))] += 1
        asked = reply.header("retry-after")
        return str(reply.status), float(asked) if asked else None


async def at_most(limit: int, deeds: Iterable[Callable[[], Awaitable[object]]]) -> None:
    """Do all *deeds*, at most *limit* at once: a closed loop."""
    waiting = iter(deeds)

    async def hand() -> None:
        for deed in waiting:
            await deed()

    await asyncio.gather(*(hand() for _ in range(limit)))


async def at_rate(rate: float, deeds: Iterable[Callable[[], Awaitable[object]]]) -> None:
    """Begin *rate* deeds a second, however long each takes: an open loop."""
    begun = time.monotonic()
    under_way = []
    for number, deed in enumerate(deeds):
        pause = begun + number / rate - time.monotonic()
        if pause > 0:
            await asyncio.sleep(pause)
        under_way.append(asyncio.ensure_future(deed()))
    with suppress(asyncio.CancelledError):
        await asyncio.gather(*under_way)
