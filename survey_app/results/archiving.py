"""Released answers as a table for analysis: what a response holds, its weight, and its place in the design.

Nothing finer than group × grade band × locality and the pool of schools leaves the application, no free text
and nothing of the groups whose figures are withheld. Groups that were counted together stand under the
names of all of them; answers outside the draw (by posters) have no weight and are left out.
The columns and the design table are the input of every engine of `sampling`.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from errno import EEXIST
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from sampling.errors import EngineError
from survey_app import audit
from survey_app.errors import ConflictError, NotFoundError
from survey_app.results.counting import counts_by_group
from survey_app.results.estimating import design_columns
from survey_app.results.judging import judge_responses, sets_of
from survey_app.results.outcome import design_of, targets_of
from survey_app.results.service import outcome_of
from survey_app.surveys import service as surveys
from survey_app.surveys.models import Wave, WaveState

#: Columns before those of the items.
FIXED = (
    *("county", "wave", "stratum", "psu", "group", "grade_band", "locality"),
    *("weight", "psu_size", "valid", "satisfied"),
)

#: Columns of labels; every other one holds numbers.
LABELS = frozenset({"county", "stratum", "psu", "group", "grade_band", "locality"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Archive:
    """Answers and their design table, row by row; a missing value is None."""

    answers: tuple[dict[str, Any], ...]
    #: The columns of the items, sorted.
    items: tuple[str, ...]
    #: One row a stratum: `stratum`, `psus`, `population_psus`.
    design: tuple[dict[str, Any], ...]
    #: The waves whose answers these are.
    waves: tuple[int, ...]
    #: Groups of a wave that are left out.
    withheld: tuple[tuple[int, str], ...]


def archive_waves(session: Session, numbers: Sequence[int] = ()) -> Archive:
    """Return the answers of the released waves, or of those with these *numbers*.

    Raises:
        NotFoundError: no wave of that number.
        ConflictError: a wave is not released, or none is.
    """
    waves = [_wave(session, number) for number in numbers]
    if not numbers:
        query = sa.select(Wave).where(Wave.released_at.is_not(None)).order_by(Wave.county_code, Wave.id)
        waves = list(session.scalars(query))
    if not waves:
        raise ConflictError("archive_nothing")
    answers, design, withheld, items = [], [], [], set()
    for wave in sorted(waves, key=lambda each: (each.county_code, each.id)):
        rows, strata, hidden, named = _of_wave(session, wave)
        answers += rows
        design += strata
        withheld += [(wave.id, group) for group in hidden]
        items |= named
    answers.sort(key=lambda row: (row["county"], row["stratum"], row["psu"]))
    return Archive(
        answers=tuple(answers),
        items=tuple(sorted(items)),
        design=tuple(design),
        waves=tuple(wave.id for wave in waves),
        withheld=tuple(withheld),
    )


def archive_wave(session: Session, number: int) -> Archive:
    """Return the answers of one released wave in the order of their random numbers, which says nothing.

    Raises:
        NotFoundError: no wave of that number.
        ConflictError: it is not released.
    """
    rows, strata, hidden, items = _of_wave(session, _wave(session, number))
    return Archive(
        answers=tuple(rows),
        items=tuple(sorted(items)),
        design=tuple(strata),
        waves=(number,),
        withheld=tuple((number, group) for group in hidden),
    )


def column_of(item: str) -> str:
    """The name of the column of an item or matrix row, unless it would be that of another."""
    name = item.replace(".", "__")
    return f"item_{name}" if name in FIXED else name


def _wave(session: Session, number: int) -> Wave:
    wave = session.get(Wave, number)
    if wave is None:
        raise NotFoundError("archive_no_wave", wave=number)
    if wave.state is not WaveState.RELEASED:
        raise ConflictError("archive_not_released", wave=number, title=wave.title)
    return wave


def _of_wave(
    session: Session, wave: Wave
) -> tuple[list[dict[str, Any]], list[dict[str, Any]], list[str], set[str]]:
    """Return a wave's answers, its strata, the groups left out, and the names of its items."""
    outcome = outcome_of(session, wave) or {"groups": []}
    sets = sets_of(session, wave.id)
    together = [row for row in outcome.get("merged", ()) if not row["withheld"] and row["one_by_one"]]
    told = {row["group"] for row in outcome["groups"] if not row["withheld"]}
    told |= {row["kept_as"] for row in together}
    in_a_set = {group for row in together for group in row["groups"]}
    hidden = [row["group"] for row in outcome["groups"] if row["withheld"] and row["group"] not in in_a_set]
    targets = targets_of(counts_by_group(session, wave), sets)
    judged = [each for each in judge_responses(session, wave) if each.in_design]
    columns = design_columns(judged, design_of(session, wave), targets)
    rows: list[dict[str, Any]] = []
    populations: dict[str, float] = {}
    persons: Counter[str] = Counter()
    items: set[str] = set()
    for place, each in enumerate(judged):
        if each.group not in told:
            continue
        stratum = f"{wave.county_code}/{wave.id}/{columns['stratum'][place]}"
        persons[stratum] += 1
        ratings = {column_of(item.id): level for item, level in each.judgement.ratings.by_item}
        items |= set(ratings)
        populations[stratum] = columns["stratum_pools"][place]
        rows.append(
            {
                "county": wave.county_code,
                "wave": wave.id,
                "stratum": stratum,
                "psu": each.pool or f"{persons[stratum]:06}",
                "group": "+".join(sets.get(each.group, (each.group,))),
                "grade_band": each.grade_band or None,
                "locality": each.locality or None,
                "weight": columns["weight"][place],
                "psu_size": columns["size"][place],
                "valid": int(each.valid),
                "satisfied": int(each.satisfied) if each.valid else None,
                **(ratings if each.valid else {}),
            }
        )
    return rows, _strata(rows, populations), hidden, items


def _strata(rows: Iterable[dict[str, Any]], populations: dict[str, float]) -> list[dict[str, Any]]:
    units: dict[str, set[str]] = {}
    for row in rows:
        units.setdefault(row["stratum"], set()).add(row["psu"])
    return [
        {"stratum": stratum, "psus": len(units[stratum]), "population_psus": populations[stratum]}
        for stratum in sorted(units)
    ]


def note_archive(session: Session, archive: Archive, *, by: str, now: datetime) -> None:
    """Note in the audit trail that the answers of each wave leave the application."""
    for number in archive.waves:
        rows = [row for row in archive.answers if row["wave"] == number]
        details = {"wave": number, "responses": len(rows)}
        region = surveys.get_wave(session, number).county_code
        audit.record(session, "wave.archived", by=by, now=now, region=region, details=details)


def design_file(answers: Path) -> Path:
    """Return where the design table of a file of answers lies: beside it."""
    return answers.with_suffix(".design.parquet")


def write_archive(archive: Archive, path: Path) -> None:
    """Write answers to *path* and their design table beside it; only their owner may read them.

    Raises:
        FileExistsError: one of them is there already; an existing file is never replaced.
        EngineError: DuckDB, which writes Parquet, is not installed.
    """
    import pandas as pd

    names = (*FIXED, *archive.items)
    answers = pd.DataFrame({name: _typed([row.get(name) for row in archive.answers], name) for name in names})
    design = pd.DataFrame(list(archive.design), columns=["stratum", "psus", "population_psus"])
    try:
        import duckdb
    except ImportError as error:
        raise EngineError("duckdb", rule="extra_missing", value="fast") from error
    targets = (path, design_file(path))
    for target in targets:
        if target.exists():
            raise FileExistsError(EEXIST, "exists", str(target))
    with TemporaryDirectory(dir=path.parent, prefix=".archive-") as folder:
        for frame, target in zip((answers, design), targets, strict=True):
            written = Path(folder) / target.name
            duckdb.from_df(frame).write_parquet(str(written))
            written.chmod(0o600)
        for target in targets:
            (Path(folder) / target.name).replace(target)


def _typed(values: list[Any], name: str) -> Any:
    import pandas as pd

    if name in LABELS:
        return pd.Series(values, dtype=object)
    return pd.Series(
        values, dtype="Float64" if name == "weight" else "Int32" if name in ("wave", "psu_size") else "Int8"
    )
