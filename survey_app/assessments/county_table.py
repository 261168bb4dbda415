"""``junheng evaluate --many``: the county files of a folder, each one row of a table."""

import os
import signal
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING, Any

from evaluation import CountyFileError, CountyRow, Scheme, evaluate, load_scheme, row_of
from evaluation.county import COMPULSORY
from evaluation.county_rows import refused_row
from survey_app.assessments.county_files import county_fault, read_county_file
from survey_app.assessments.words import OUTCOMES
from survey_app.counties.workbook.faults import Fault, WorkbookError
from survey_app.messages import sentence
from survey_app.printing import placed
from survey_app.sheet_cells import harmless

if TYPE_CHECKING:
    import pandas as pd

#: Fewer files than this for each process are judged faster without another one.
WORTH_A_PROCESS = 8

#: Column → its head in Chinese and English; columns of sections and indicators are made from the scheme.
HEADS = {
    "file": ("文件", "File"),
    "code": ("县代码", "County code"),
    "name": ("县（市、区）", "County"),
    "year": ("年份", "Year"),
    "verdict": ("结论", "Verdict"),
    "reasons": ("决定结论的条目", "Deciding items"),
    "recognition": ("问卷满意度", "Recognition rate"),
    "total": ("总分", "Total score"),
    "band": ("等次", "Grade"),
    "contradictions": ("数据中的矛盾", "Contradictions"),
    "faults": ("不能评估的原因", "Faults"),
}

#: First part of a column's name → how the rest is said; ``{stage}`` and ``{id}`` are filled in.
STAGED = {
    "parts": ("{stage}学校数", "{stage} schools"),
    "passing": ("{stage}学校达标比例", "Share of {stage} schools that pass"),
    "difference": ("{stage} {id} 差异系数", "{stage} {id} difference coefficient"),
    "mean": ("{stage} {id} 县均值", "{stage} {id} county mean"),
}

STAGES = {"primary": ("小学", "primary"), "junior": ("初中", "junior")}


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """One file of the folder: its row, or what is wrong with it (and its row without an outcome)."""

    #: Relative to the folder, with forward slashes.
    file: str
    row: CountyRow | None = None
    faults: tuple[Fault, ...] = ()

    def values(self, scheme: Scheme, lang: str) -> dict[str, Any]:
        """Return the file as a row of the table."""
        empty = CountyRow(code="", name="", year=0, outcome=None)
        flat = (self.row or empty).values(scheme, lang=lang)
        if self.row is None:
            flat |= dict.fromkeys(("code", "name", "year", "reasons"))
        said = " ".join(placed(fault, lang) for fault in self.faults)
        return {"file": self.file} | flat | {"faults": said or None}

    def document(self, lang: str) -> dict[str, Any]:
        """Return the file as JSON values."""
        row = self.row.document(lang=lang) if self.row else {"county": None, "verdict": None}
        return {"file": self.file} | row | {"faults": [fault.document(lang) for fault in self.faults]}


def county_files(folder: Path) -> list[Path]:
    """Return the county files below *folder*, in its subfolders too, in the order of their paths.

    Hidden files and the lock files of a spreadsheet that is open are passed over.
    """
    return sorted(
        path
        for path in folder.rglob("*")
        if path.suffix.lower() in (".json", ".xlsx")
        and path.is_file()
        and not path.name.startswith("~$")
        and not any(step.startswith(".") for step in path.relative_to(folder).parts)
    )


def judge_file(path: Path, folder: Path, scheme_id: str) -> Judged:
    """Return what a scheme says of one file."""
    file, row = path.relative_to(folder).as_posix(), None
    try:
        county = read_county_file(path)
        row = refused_row(county, ())
        return Judged(file=file, row=row_of(evaluate(county, load_scheme(scheme_id))))
    except CountyFileError as refused:
        return Judged(file=file, row=row, faults=tuple(county_fault(each) for each in refused.faults))
    except WorkbookError as refused:
        return Judged(file=file, faults=refused.faults)
    except OSError:
        fault = Fault(value=file, rule="unopened", facts={"path": file})
        return Judged(file=file, faults=(fault,))


def judge_files(paths: Sequence[Path], folder: Path, scheme_id: str) -> Iterator[Judged]:
    """Yield what a scheme says of every file, in order; as many are judged at once as there are cores."""
    processes = min(_cores(), len(paths) // WORTH_A_PROCESS)
    if processes < 2:
        yield from (judge_file(path, folder, scheme_id) for path in paths)
        return
    count = len(paths)
    workers = ProcessPoolExecutor(
        processes, mp_context=get_context("spawn"), initializer=_leave_interrupts_to_the_parent
    )
    try:
        yield from workers.map(
            judge_file, paths, [folder] * count, [scheme_id] * count, chunksize=max(1, min(8, count // 16))
        )
    finally:
        workers.shutdown(wait=True, cancel_futures=True)


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _leave_interrupts_to_the_parent() -> None:
    """Let Ctrl-C end the command, not each process with a trace of its own."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def heads(scheme: Scheme, columns: Iterable[str], lang: str) -> list[str]:
    """Return the heads of the table's columns, in ``zh`` or ``en``."""
    place, found = ("zh", "en").index(lang), []
    for column in columns:
        first, _, rest = column.partition(".")
        stage, _, id_ = rest.partition(".")
        if first == "section":
            found.append(scheme.section_label(rest)[lang])
        elif first in STAGED:
            said = STAGED[first][place].format(stage=STAGES[stage][place], id=id_)
            found.append(said[0].upper() + said[1:])
        else:
            found.append(HEADS[column][place])
    return found


def table(judged: Sequence[Judged], scheme: Scheme, lang: str) -> "pd.DataFrame":
    """Return one row per file: the columns of :meth:`evaluation.CountyRow.values` after the file's name."""
    import pandas as pd

    frame = pd.DataFrame([each.values(scheme, lang) for each in judged])
    whole = ("year", "contradictions", *(f"parts.{stage}" for stage in COMPULSORY))
    text = ("file", "code", "name", "verdict", "reasons", "band", "faults")
    return frame.astype(
        {
            column: "Int64" if column in whole else "string" if column in text or section else "float"
            for column in frame
            for section in [str(column).startswith("section.")]
        }
    )


def write_table(judged: Sequence[Judged], scheme: Scheme, path: Path, lang: str) -> None:
    """Write the table as CSV, as a workbook, or as Parquet with the columns' own names.

    Raises:
        OSError: it cannot be written.
        ImportError: Parquet needs DuckDB, which is not installed.
    """
    frame = table(judged, scheme, lang)
    if path.suffix.lower() == ".parquet":
        _write_parquet(frame, path)
        return
    for column in frame:
        if column == "verdict" or str(column).startswith("section."):
            frame[column] = frame[column].map(lambda outcome: _outcome(outcome, lang))
    frame.columns = heads(scheme, frame.columns, lang)
    if path.suffix.lower() == ".csv":
        frame.map(_harmless).to_csv(path, index=False, encoding="utf-8-sig", lineterminator="\r\n")
    else:
        _write_workbook(frame, path)


def _outcome(outcome: Any, lang: str) -> str | None:
    return sentence(f"outcome_{outcome}", lang=lang) if outcome in OUTCOMES else None


def _harmless(cell: Any) -> Any:
    """Return text that no spreadsheet takes for a formula when it opens a CSV file."""
    return harmless(cell) if isinstance(cell, str) else cell


def _write_parquet(frame: "pd.DataFrame", path: Path) -> None:
    import duckdb

    try:
        duckdb.from_df(frame).write_parquet(str(path))
    except duckdb.IOException as error:
        raise OSError(str(error)) from error


def _write_workbook(frame: "pd.DataFrame", path: Path) -> None:
    from survey_app.assessments.workbook import write_rows

    rows = frame.astype(object).where(frame.notna(), None)
    path.write_bytes(write_rows("评估结果", list(rows.columns), rows.to_numpy().tolist()))
