"""The room's jobs."""

from flask import Flask


def init_app(app: Flask) -> None:
    """Register the room's jobs."""
