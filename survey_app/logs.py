"""Logging: one line an event on stderr, as JSON in production. Never a code, an answer or an address."""

import io
import sys
from contextlib import suppress
from typing import TextIO

import structlog

from survey_app.config import Settings


class Undisturbed(io.TextIOBase):
    """A stream to write lines to that loses them where there is no room: a full disk shall refuse no page."""

    def __init__(self, stream: TextIO):
        super().__init__()
        self._stream = stream

    def write(self, text: str, /) -> int:
        """Write, if that is possible."""
        with suppress(OSError):
            self._stream.write(text)
        return len(text)

    def flush(self) -> None:
        """Hand on what was written, if that is possible."""
        with suppress(OSError):
            self._stream.flush()


def configure(settings: Settings) -> None:
    """Send the application's log lines to stderr, so that stdout stays the command's own."""
    written = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if settings.production
        else structlog.dev.ConsoleRenderer(colors=False)
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            written,
        ],
        logger_factory=structlog.PrintLoggerFactory(Undisturbed(sys.stderr)),  # ty: ignore[invalid-argument-type]
        cache_logger_on_first_use=False,
    )
