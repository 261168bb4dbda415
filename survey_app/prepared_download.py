"""Giving a prepared file out of the folder of exports; one that somebody took away is made again."""

from datetime import datetime
from pathlib import Path

from flask import Response, current_app, send_file

from survey_app import prepared
from survey_app.config import settings_of
from survey_app.db import db
from survey_app.prepared import PreparedFile


def ready_path(file: PreparedFile, *, by: str, now: datetime) -> Path | None:
    """Where a ready *file* lies; None where it is not ready yet, or is gone and was asked for anew."""
    path = prepared.stored_at(settings_of(current_app), file)
    if path is None and file.state == "ready":
        file_id = file.id
        prepared.want_again(db.session, file, by=by, now=now)
        db.session.commit()
        prepared.begin(current_app, file_id)
    return path


def given_out(path: Path, *, name: str, kind: str) -> Response:
    """The file at *path* as a download of that name and media type, which no cache keeps."""
    answer = send_file(path, mimetype=kind, as_attachment=True, download_name=name, conditional=False)
    # It says "no-cache" by itself, which still keeps a copy.
    answer.headers["Cache-Control"] = "no-store"
    return answer
