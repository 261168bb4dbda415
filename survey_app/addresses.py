"""Numbers in addresses: one that no row can have is an address that does not exist."""

from flask import Flask
from werkzeug.routing import IntegerConverter


class RowNumber(IntegerConverter):
    """A row's number, small enough for every database."""

    regex = r"[0-9]{1,9}"


def init_app(app: Flask) -> None:
    """Let ``<int:…>`` in the routes of *app* mean a row's number."""
    app.url_map.converters["int"] = RowNumber
