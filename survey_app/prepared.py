"""Files that take a while to make: asked for once, made by a job, kept until they are out of date."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Mapped, mapped_column

from survey_app.db import Base, Instant


class PreparedFile(Base):
    """A file that somebody asked for. The same wish, from the same facts, is the same file."""

    __tablename__ = "prepared_file"
    __table_args__ = (sa.CheckConstraint("done >= 0 AND (total IS NULL OR done <= total)", name="progress"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    #: Name of the job that makes it.
    kind: Mapped[str] = mapped_column(sa.String(32))
    #: SHA-256 of everything the file is made from; another state of the facts is another file.
    key: Mapped[str] = mapped_column(sa.String(64), unique=True)
    #: What the job is told, in canonical form.
    arguments: Mapped[str] = mapped_column(sa.Text)
    region_code: Mapped[str] = mapped_column(sa.String(12), index=True)
    asked_at: Mapped[datetime] = mapped_column(Instant)
    asked_by: Mapped[str] = mapped_column(sa.String(64))
    #: Steps made, of how many; the total is null until the job has counted.
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int | None]
    finished_at: Mapped[datetime | None] = mapped_column(Instant)
    #: Code of the message that says why it could not be made; empty otherwise.
    failure: Mapped[str] = mapped_column(sa.String(64), default="")
    #: Name in the folder of exports, the name it is downloaded under, and its size in bytes.
    stored_name: Mapped[str] = mapped_column(sa.String(128), default="")
    download_name: Mapped[str] = mapped_column(sa.String(200), default="")
    size: Mapped[int | None]


def init_app(app: Flask) -> None:
    """Give *app* its list of makers; each room adds its own."""
    app.extensions["junheng-makers"] = {}


def makers_of(app: Flask) -> dict[str, Callable[..., Any]]:
    """The makers *app* knows, by kind of file."""
    return app.extensions["junheng-makers"]
