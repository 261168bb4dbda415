"""Styles, scripts and pictures: kept in memory compressed, and on the phone for a year under their digest."""

import gzip
import hashlib
from functools import lru_cache
from mimetypes import guess_type
from pathlib import Path
from typing import Any, NamedTuple

from flask import Flask, Response, request
from werkzeug.security import safe_join
from werkzeug.wrappers import Response as BaseResponse

#: Larger files are none of ours.
_LARGEST = 512 * 1024

_YEAR = 365 * 24 * 3600


class Static(NamedTuple):
    """A file as it is sent."""

    content: bytes
    zipped: bytes
    digest: str
    kind: str


def init_app(app: Flask) -> None:
    """Serve the files of *app*'s static folder, each under an address that changes with its content."""
    folder = Path(app.static_folder or "")
    send = app.send_static_file

    def serve(filename: str) -> BaseResponse:
        found = _found(folder, filename)
        if found is None:
            return send(filename)
        response = Response(content_type=found.kind)
        response.set_etag(found.digest)
        response.headers["Vary"] = "Accept-Encoding"
        current = request.args.get("v") == found.digest
        response.headers["Cache-Control"] = f"public, max-age={_YEAR}, immutable" if current else "no-cache"
        if "gzip" in request.headers.get("Accept-Encoding", ""):
            response.headers["Content-Encoding"] = "gzip"
            response.data = found.zipped
        else:
            response.data = found.content
        return response.make_conditional(request)

    def name_version(endpoint: str, values: dict[str, Any]) -> None:
        if endpoint == "static" and "filename" in values:
            found = _found(folder, values["filename"])
            if found is not None:
                values.setdefault("v", found.digest)

    app.view_functions["static"] = serve
    app.url_defaults(name_version)


def _found(folder: Path, filename: str) -> Static | None:
    joined = safe_join(str(folder), filename)
    if joined is None:
        return None
    try:
        state = Path(joined).stat()
        return _read(joined, state.st_mtime_ns, state.st_size)
    except (OSError, ValueError):
        # No file has a NUL in its name.
        return None


@lru_cache(maxsize=64)
def _read(path: str, _changed: int, size: int) -> Static | None:
    if size > _LARGEST:
        return None
    content = Path(path).read_bytes()
    kind = guess_type(path)[0] or "application/octet-stream"
    if kind.startswith("text/") or kind.endswith("javascript"):
        kind += "; charset=utf-8"
    digest = hashlib.sha256(content).hexdigest()[:16]
    return Static(content, gzip.compress(content, 9, mtime=0), digest, kind)
