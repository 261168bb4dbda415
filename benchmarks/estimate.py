"""How long the nation takes: 2.1 million answers, 25 items, 2895 counties, 5 groups, 361 875 rates.

    python benchmarks/estimate.py                        numpy, DuckDB, one county; SQLite with --sqlite
    python benchmarks/estimate.py --postgresql URL       in an empty database, which gets both tables
    python benchmarks/estimate.py --spark MASTER         e.g. local[2] or spark://127.0.0.1:7077

Every engine runs in a fresh process, so that its memory is its own. The table shows seconds for reading the
file, for the scan with all its checks, for inference with intervals, for all of it; processor seconds of all
threads; the peak of memory. The bare scan sums every column once and is the floor for anything that looks at
the data. Imports are not counted.

The sample is like the one the product draws: parents and pupils in schools of about a dozen, teachers,
deputies and residents as persons, each a primary unit of its own; 5 % of the answers are missing. A
standalone cluster on this machine is started from PySpark's own wheel, with SPARK_HOME, JAVA_HOME and
SPARK_SCALA_VERSION=2.13:

    $SPARK_HOME/bin/spark-class org.apache.spark.deploy.master.Master --host 127.0.0.1 --port 7077
    $SPARK_HOME/bin/spark-class org.apache.spark.deploy.worker.Worker --host 127.0.0.1 spark://127.0.0.1:7077
"""

from __future__ import annotations

import argparse
import multiprocessing
import resource
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

COUNTIES, ITEMS = 2895, 25
#: Group → answers in a county, whether they come from schools.
GROUPS = {
    "parent": (363, True),
    "student": (91, True),
    "teacher": (91, False),
    "deputy": (90, False),
    "public": (90, False),
}
SCHOOL = 12
NAMES = tuple(f"q{number:02}" for number in range(ITEMS))


def make(folder: Path, *, seed: int = 1) -> tuple[Path, Path]:
    """Write the answers of all counties and their design table as Parquet."""
    import duckdb
    import pandas as pd

    random = np.random.default_rng(seed)
    sizes = np.array([size for size, _ in GROUPS.values()])
    clustered = np.array([schools for _, schools in GROUPS.values()])
    rows = COUNTIES * int(sizes.sum())
    county = np.repeat(np.arange(COUNTIES), sizes.sum())
    group = np.tile(np.repeat(np.arange(len(sizes)), sizes), COUNTIES)
    place = np.tile(np.concatenate([np.arange(size) for size in sizes]), COUNTIES)
    part = np.where(clustered[group], place * 3 // sizes[group], 0)
    unit = np.where(clustered[group], place // SCHOOL, place)
    codes = np.sort(random.choice(np.arange(110101, 659099), COUNTIES, replace=False)).astype(str)
    names = np.array(sorted(GROUPS), dtype=object)[np.argsort(np.argsort(list(GROUPS)))]
    frame = pd.DataFrame({"county": codes[county].astype(object), "group": names[group]})
    frame["stratum"] = frame["county"] + "/" + frame["group"] + "/" + part.astype(str).astype(object)
    frame["psu"] = np.array([f"{number:03}" for number in range(1000)], dtype=object)[unit]
    frame["weight"] = np.round(random.uniform(1, 9, rows), 3)
    level = random.beta(17, 3, COUNTIES * len(sizes))[county * len(sizes) + group]
    school = random.normal(0, 0.08, (COUNTIES, len(sizes), 400))[county, group, unit]
    for name in NAMES:
        answer = (random.random(rows) < np.clip(level + school, 0, 1)).astype(np.int8)
        frame[name] = pd.arrays.IntegerArray(answer, random.random(rows) < 0.05)
    frame = frame.sort_values(["county", "stratum", "psu"], kind="stable")
    units = frame[["stratum", "psu"]].drop_duplicates().groupby("stratum").size()
    design = pd.DataFrame({"stratum": units.index, "psus": units.to_numpy()})
    design["population_psus"] = design["psus"] * 4.0
    answers, strata = folder / "answers.parquet", folder / "answers.design.parquet"
    duckdb.from_df(frame).write_parquet(str(answers))
    duckdb.from_df(design).write_parquet(str(strata))
    return answers, strata


def roles() -> Any:
    """The roles of the columns."""
    from sampling import Roles

    return Roles(
        items=NAMES,
        by=("county", "group"),
        county="county",
        weight="weight",
        stratum="stratum",
        psu="psu",
        fpc="population_psus",
    )


class Clock:
    """Wall and CPU seconds since it was made or last asked."""

    def __init__(self):
        self._at = time.perf_counter(), time.process_time()

    def lap(self) -> tuple[float, float]:
        """Seconds of the wall and of the processor."""
        now = time.perf_counter(), time.process_time()
        passed = now[0] - self._at[0], now[1] - self._at[1]
        self._at = now
        return passed


def warm_up(*modules: str) -> None:
    """Import what an engine needs, which is not what is measured."""
    import importlib

    for module in ("scipy.special", "sampling.engine", *modules):
        importlib.import_module(module)


def bare(folder: Path) -> dict[str, Any]:
    """Sum every column once."""
    warm_up("duckdb")
    import duckdb

    clock = Clock()
    sums = ", ".join(f"sum({name})" for name in (*NAMES, "weight"))
    connection = duckdb.connect(config={"threads": 2})
    connection.execute(
        f"SELECT {sums}, count(DISTINCT county) FROM '{folder / 'answers.parquet'}'"
    ).fetchall()
    return {"scan": clock.lap()}


def numpy(folder: Path) -> dict[str, Any]:
    """The scan in memory, threads for two processors."""
    warm_up("duckdb")
    from sampling import scan
    from sampling.engine import Files, load

    clock = Clock()
    source = Files(answers=folder / "answers.parquet", design=folder / "answers.design.parquet")
    table, strata = load(source, roles(), threads=2)
    laps = {"read": clock.lap()}
    moments = scan(table, roles(), strata=strata, threads=2)
    laps["scan"] = clock.lap()
    found = moments.infer()
    laps["infer"] = clock.lap()
    keep(folder, "numpy", moments, found)
    return laps


def by_store(name: str, **options: Any) -> Callable[[Path], dict[str, Any]]:
    """The scan by an engine of SQL."""

    def run(folder: Path) -> dict[str, Any]:
        warm_up("sqlalchemy", *(["duckdb"] if name == "duckdb" else []))
        from sampling.engine import Database, Files, scan_source

        source: Any = Files(answers=folder / "answers.parquet", design=folder / "answers.design.parquet")
        if "url" in options:
            source = Database(url=options["url"].format(folder=folder))
        clock = Clock()
        moments = scan_source(
            source, roles(), engine=name, threads=2, master=options.get("master", "local[2]")
        )
        laps = {"scan": clock.lap()}
        found = moments.infer()
        laps["infer"] = clock.lap()
        keep(folder, name, moments, found)
        return laps

    return run


def keep(folder: Path, name: str, moments: Any, found: Any) -> None:
    """Keep the figures for comparison."""
    labels = np.array(["/".join(map(str, domain)) for domain in moments.domains])
    np.savez(folder / f"{name}.npz", labels=labels, estimate=found.estimate, se=found.se, df=found.df)


def measured(job: Callable[[Path], dict[str, Any]], folder: Path, pipe: Any) -> None:
    """Run a job in this process and send what it took."""
    laps = job(folder)
    pipe.send({"laps": laps, "memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024})


def apart(job: Callable[[Path], dict[str, Any]], folder: Path) -> dict[str, Any]:
    """Run a job in a fresh process."""
    context = multiprocessing.get_context("fork")
    receiving, sending = context.Pipe(duplex=False)
    process = context.Process(target=measured, args=(job, folder, sending))
    process.start()
    sending.close()
    try:
        return receiving.recv()
    finally:
        process.join()


def one_county(folder: Path) -> float:
    """Milliseconds of one county's 125 rates with intervals, warm, the best of twenty."""
    import duckdb

    from sampling import scan

    relation = duckdb.read_parquet(str(folder / "answers.parquet"))
    code = relation.aggregate("min(county)").fetchall()[0][0]
    table = relation.filter(f"county = '{code}'").df().to_dict("series")
    table = {
        name: column.to_numpy(dtype=float, na_value=np.nan) if name in NAMES else column.to_numpy()
        for name, column in table.items()
    }
    design = (
        duckdb.read_parquet(str(folder / "answers.design.parquet"))
        .filter(f"stratum LIKE '{code}/%'")
        .fetchnumpy()
    )
    times = []
    for _ in range(20):
        start = time.perf_counter()
        scan(table, roles(), strata=design).infer()
        times.append(time.perf_counter() - start)
    return min(times) * 1000


def fill_database(folder: Path, url: str | None = None) -> None:
    """Copy the Parquet files into SQLite, or into the PostgreSQL database at *url*."""
    import duckdb

    if url is None:
        database = sqlite3.connect(folder / "answers.db")
    else:
        import psycopg

        database = psycopg.connect(url)
    for name, file in (("answers", "answers.parquet"), ("design", "answers.design.parquet")):
        relation = duckdb.read_parquet(str(folder / file))
        found = duckdb.execute("SELECT * FROM read_parquet(?)", [str(folder / file)])
        kinds = {"VARCHAR": "TEXT", "DOUBLE": "DOUBLE PRECISION"}
        columns = ", ".join(
            f'"{c}" {kinds.get(str(t), "INTEGER")}'
            for c, t in zip(relation.columns, relation.types, strict=True)
        )
        cursor = database.cursor()
        cursor.execute(f"CREATE TABLE {name} ({columns})")
        if url is None:
            marks = ", ".join("?" * len(relation.columns))
            while rows := found.fetchmany(50_000):
                cursor.executemany(f"INSERT INTO {name} VALUES ({marks})", rows)
        else:
            with cursor.copy(f"COPY {name} FROM STDIN") as copy:
                while rows := found.fetchmany(50_000):
                    for row in rows:
                        copy.write_row(row)
    database.commit()
    database.close()


def compare(folder: Path, name: str) -> str:
    """Say how far an engine is from numpy, relative."""
    ours, theirs = np.load(folder / "numpy.npz"), np.load(folder / f"{name}.npz")
    assert (ours["labels"] == theirs["labels"]).all()
    assert (ours["df"] == theirs["df"]).all()
    apart = {}
    for figure in ("estimate", "se"):
        one, other = ours[figure], theirs[figure]
        assert (np.isnan(one) == np.isnan(other)).all()
        with np.errstate(invalid="ignore"):
            apart[figure] = float(np.nanmax(np.abs(one - other) / np.where(one == 0, 1, np.abs(one))))
    return f"rates within {apart['estimate']:.0e}, standard errors within {apart['se']:.0e}"


def main() -> None:
    """Print one table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sqlite", action="store_true")
    parser.add_argument("--postgresql", metavar="URL")
    parser.add_argument("--spark", metavar="MASTER")
    parser.add_argument("--repeat", type=int, default=3, help="the best of so many runs is shown")
    options = parser.parse_args()
    jobs: dict[str, Callable[[Path], dict[str, Any]]] = {
        "bare scan": bare,
        "numpy": numpy,
        "duckdb": by_store("duckdb"),
    }
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        apart(lambda place: {"made": make(place) and 0}, folder)
        if options.sqlite:
            apart(lambda place: {"made": fill_database(place)}, folder)
            jobs["sqlite"] = by_store("sqlite", url="sqlite:///{folder}/answers.db")
        if options.postgresql:
            apart(lambda place: {"made": fill_database(place, options.postgresql)}, folder)
            jobs["postgresql"] = by_store("postgresql", url=options.postgresql)
        if options.spark:
            jobs["spark"] = by_store("spark", master=options.spark)
        print(
            f"{'engine':<12}{'read':>8}{'scan':>8}{'infer':>8}{'all':>8}{'CPU':>8}{'peak MB':>9}   (seconds)"
        )
        for engine, job in jobs.items():
            repeat = options.repeat if engine in ("bare scan", "numpy", "duckdb") else 1
            runs = [apart(job, folder) for _ in range(repeat)]
            best = min(runs, key=lambda run: sum(wall for wall, _ in run["laps"].values()))
            laps = best["laps"]
            cells = [
                f"{laps[lap][0]:8.2f}" if lap in laps else f"{'':>8}" for lap in ("read", "scan", "infer")
            ]
            wall, cpu = (sum(lap[i] for lap in laps.values()) for i in (0, 1))
            print(f"{engine:<12}{''.join(cells)}{wall:8.2f}{cpu:8.2f}{best['memory']:9.0f}")
        for engine in jobs:
            if engine not in ("bare scan", "numpy"):
                print(f"{engine}: {compare(folder, engine)}")
        laps = apart(lambda place: {"ms": one_county(place)}, folder)["laps"]
        print(f"one county, 125 rates with intervals, warm: {laps['ms']:.1f} ms")


if __name__ == "__main__":
    main()
