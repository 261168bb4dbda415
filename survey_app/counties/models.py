"""What the application knows of counties: the region tree, county files and their schools."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from survey_app.db import Base, Instant

#: From the country down to the townships that serve as strata.
LEVELS = ("nation", "province", "city", "county", "township")


class Region(Base):
    """A region with its GB/T 2260 code (townships: the nine digits of GB/T 10114)."""

    __tablename__ = "region"
    __table_args__ = (
        sa.CheckConstraint("level IN ('nation', 'province', 'city', 'county', 'township')", name="level"),
    )

    code: Mapped[str] = mapped_column(sa.String(12), primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(64))
    level: Mapped[str] = mapped_column(sa.String(16))
    parent_code: Mapped[str | None] = mapped_column(sa.ForeignKey("region.code"), index=True)


class CountyFile(Base):
    """One accepted version of a county's schools and figures; never edited, only superseded."""

    __tablename__ = "county_file"
    __table_args__ = (sa.UniqueConstraint("county_code", "year", "version"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    county_code: Mapped[str] = mapped_column(sa.ForeignKey("region.code"), index=True)
    #: The statistical year the figures belong to.
    year: Mapped[int]
    #: 1 for the first file of a county and year, then counted up.
    version: Mapped[int]
    #: The county file in canonical form; numbers keep their digits.
    content: Mapped[str] = mapped_column(sa.Text)
    #: SHA-256 of `content`.
    digest: Mapped[str] = mapped_column(sa.String(64))
    #: Where single figures come from, as JSON (published, simulated, …); empty object if not said.
    provenance: Mapped[str] = mapped_column(sa.Text, default="{}")
    #: Which cells of the workbook the figures stood in, block by block; an empty list if it was none.
    cells: Mapped[str] = mapped_column(sa.Text, default="[]")
    #: The name of the file it came in.
    source: Mapped[str] = mapped_column(sa.String(200))
    imported_at: Mapped[datetime] = mapped_column(Instant)
    imported_by: Mapped[str] = mapped_column(sa.String(64))

    county: Mapped[Region] = relationship()
    schools: Mapped[list["School"]] = relationship(back_populates="county_file", order_by="School.position")


class School(Base):
    """A school of a county file, laid out for lists and frames; its figures stay in the file."""

    __tablename__ = "school"
    __table_args__ = (sa.UniqueConstraint("county_file_id", "code"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    county_file_id: Mapped[int] = mapped_column(sa.ForeignKey("county_file.id"), index=True)
    #: Place in the county file, from 0.
    position: Mapped[int]
    code: Mapped[str] = mapped_column(sa.String(64))
    name: Mapped[str] = mapped_column(sa.String(128))
    kind: Mapped[str] = mapped_column(sa.String(32))
    locality: Mapped[str] = mapped_column(sa.String(16))
    ownership: Mapped[str] = mapped_column(sa.String(16))
    township: Mapped[str | None] = mapped_column(sa.String(64))
    boarding: Mapped[bool]
    #: Pupils of the stage; null where the file does not say.
    primary_pupils: Mapped[int | None]
    junior_pupils: Mapped[int | None]

    county_file: Mapped[CountyFile] = relationship(back_populates="schools")
