"""Logging: one line an event on stderr, as JSON in production. Never a code, an answer or an address."""

import sys

import structlog

from survey_app.config import Settings


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
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
