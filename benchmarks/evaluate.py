"""How long judging takes: 1, 29, 290 and 2895 synthetic counties of about seventy school parts each.

    python benchmarks/evaluate.py                   the tables below
    python benchmarks/evaluate.py --files 2895      … and all of them from files, through --many

The first table judges counties whose schools stand in columns already, each size in a process of its own,
beside a bare numpy pass over the same columns that forms the seven ratios, compares them and forms means
and coefficients, and knows no rule beyond that. The second one reads county files from disk and judges them
one by one with all their findings, as ``junheng evaluate --many`` does.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.synthetic import STANDARDS, counties  # noqa: E402
from evaluation import (  # noqa: E402
    SchoolTable,
    evaluate,
    evaluate_many,
    load_scheme,
    read_county,
    row_of,
    school_table,
)

SIZES = (1, 29, 290, 2895)

#: An evaluation is timed so often; the best time counts.
TIMES = 3

STAFF = ("above_qualification", "backbone", "pe_arts")


def main() -> None:
    """Print the tables."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    options.add_argument("--scheme", default="shanxi-2022")
    options.add_argument("--files", type=int, default=290, help="so many files at most in the second table")
    options.add_argument("--size", type=int, help="only one size, as JSON: what each process runs")
    given = options.parse_args()
    if given.size is not None:
        print(json.dumps(measured(given.size, given.scheme)))
        return
    print("counties    parts  columns s  judge s  ms each  numpy s     MB")
    for size in SIZES:
        row = _in_own_process(size, given.scheme)
        print(
            f"{size:>8} {row['parts']:>8} {row['columns']:>10.2f} {row['judge']:>8.3f} "
            f"{row['judge'] / size * 1000:>8.3f} {row['numpy']:>8.3f} {row['megabytes']:>6.0f}"
        )
    print(f"\n{'files':>8} {'s':>8} {'ms each':>8}   junheng evaluate --many")
    for size in (each for each in SIZES if each <= given.files):
        seconds = _from_files(size, given.scheme)
        print(f"{size:>8} {seconds:>8.2f} {seconds / size * 1000:>8.2f}")
    print(
        "\none county, ms: " + ", ".join(f"{what} {each:.2f}" for what, each in steps(given.scheme).items())
    )


def measured(size: int, scheme_id: str) -> dict[str, Any]:
    """Return seconds and peak memory of this process for *size* counties."""
    scheme = load_scheme(scheme_id)
    start = time.perf_counter()
    table = school_table(read_county(document) for document in counties(size))
    columns = time.perf_counter() - start
    rows = evaluate_many(table, scheme).rows
    return {
        "parts": sum(sum(row.parts.values()) for row in rows),
        "columns": columns,
        "judge": best(lambda: evaluate_many(table, scheme)),
        "numpy": best(lambda: bare(table)),
        "megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def best(work: Callable[[], Any]) -> float:
    """Return the best of a few times, in seconds."""
    found = []
    for _ in range(TIMES):
        start = time.perf_counter()
        work()
        found.append(time.perf_counter() - start)
    return min(found)


def bare(table: SchoolTable) -> int:
    """Form ratios, compare them, and form means and coefficients: the least anybody could compute."""
    import numpy as np

    reached = 0
    for place, stage in enumerate(("primary", "junior")):
        pupils = table.pupils[stage]
        rows = np.flatnonzero(pupils > 0)
        count, county = pupils[rows], table.county[rows]
        everyone = np.bincount(county, weights=count, minlength=len(table.counties))
        for name, standards in STANDARDS.items():
            path = f"teachers.{stage}.{name}" if name in STAFF else name
            value = np.nan_to_num(table.numbers[path][rows]) / count
            reached += int((value >= standards[place]).sum())
            with np.errstate(divide="ignore", invalid="ignore"):
                mean = np.bincount(county, weights=value * count, minlength=len(everyone)) / everyone
                apart = np.bincount(county, weights=count * (value - mean[county]) ** 2)
                reached += int((np.sqrt(apart / everyone[: len(apart)]) <= mean[: len(apart)] / 2).sum())
    return reached


def steps(scheme_id: str) -> dict[str, float]:
    """Return the milliseconds of each step for one county file."""
    scheme = load_scheme(scheme_id)
    text = json.dumps(next(counties(1)), ensure_ascii=False)
    county = read_county(text)
    verdict = evaluate(county, scheme)
    return {
        "read": best(lambda: read_county(text)) * 1000,
        "evaluate": best(lambda: evaluate(county, scheme)) * 1000,
        "document": best(verdict.document) * 1000,
        "row": best(lambda: row_of(verdict)) * 1000,
    }


def _in_own_process(size: int, scheme_id: str) -> dict[str, Any]:
    command = [sys.executable, __file__, "--size", str(size), "--scheme", scheme_id]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def _from_files(size: int, scheme_id: str) -> float:
    """Return the seconds the command takes for a folder of county files, its start included."""
    with tempfile.TemporaryDirectory() as folder:
        for place, document in enumerate(counties(size)):
            text = json.dumps(document, ensure_ascii=False)
            Path(folder, f"{place:04}.json").write_text(text, encoding="utf-8")
        out = Path(folder, "table.csv")
        command = [sys.executable, "-m", "survey_app", "evaluate", "--many", folder, "--scheme", scheme_id]
        start = time.perf_counter()
        subprocess.run([*command, "--out", str(out)], capture_output=True, check=True, cwd=ROOT)
        return time.perf_counter() - start


if __name__ == "__main__":
    main()
