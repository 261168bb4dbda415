"""One statement on every engine: the numbers of the scan in memory, and those of R."""

import math
import re
import secrets
import sys
import types
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

from sampling import (
    ArgumentError,
    ColumnError,
    EngineError,
    LonelyUnitError,
    Roles,
    estimate,
    scan,
    sum_moments,
)
from sampling.engine import Columns, Database, Files, Measure, Setting, scan_source, statement, stores
from tests.postgresql import administer
from tests.sampling.reference import DESIGNS, SURVEY, TWO_STAGE, TWO_STAGE_DESIGNS, api

FIGURES = ("estimate", "se", "lower", "upper", "deff")
ITEMS = ("sw", "aw", "hi", "nlo", "none", "alln", "api00", "enroll")
TABLES = {name: api(name) for name in ("apisrs", "apistrat", "apiclus1")}
#: Engines that take columns as they are; PostgreSQL gets them into tables first.
IN_MEMORY = ("sqlite", "duckdb")
ENGINES = (*IN_MEMORY, "postgresql")


@pytest.fixture(scope="module")
def postgresql(postgresql_server):
    """Put columns into tables of a database of this module; give the source."""
    name = f"e_{secrets.token_hex(6)}"
    administer(postgresql_server, f"CREATE DATABASE {name}")
    url = postgresql_server.format(name)
    engine = sa.create_engine(url)

    def fill(answers, design=None):
        answers_name, design_name = f"a_{secrets.token_hex(4)}", f"d_{secrets.token_hex(4)}"
        for table, columns in ((answers_name, answers), (design_name, design)):
            if columns is not None:
                pd.DataFrame(columns).convert_dtypes().to_sql(table, engine, index=False)
        return Database(url=url, answers=answers_name, design=design_name)

    yield fill
    engine.dispose()
    administer(postgresql_server, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def source(request, postgresql):
    """Make the source an engine scans out of columns."""

    def make(engine, answers, design=None):
        if engine == "postgresql":
            return postgresql(answers, design)
        return Columns(answers=answers, design=design)

    return make


def assert_alike(found, expected):
    """The same domains and counts; rates to 1e-12, everything else to 1e-9, relative."""
    assert [(one.value, one.by, one.n, one.psus, one.df, one.method) for one in found] == [
        (one.value, one.by, one.n, one.psus, one.df, one.method) for one in expected
    ]
    for one, other in zip(found, expected, strict=True):
        for figure in FIGURES:
            ours, theirs = getattr(one, figure), getattr(other, figure)
            if ours is None or theirs is None:
                assert ours == theirs, (figure, one, other)
            else:
                exact = 1e-12 if figure == "estimate" else 1e-9
                assert ours == pytest.approx(theirs, rel=exact, abs=1e-12), (figure, one, other)


# The scan in memory


@pytest.mark.parametrize("by", [(), ("stype",), ("stype", "aw")])
@pytest.mark.parametrize("name", DESIGNS)
def test_the_scan_is_the_estimate_of_many_items_at_once(name, by):
    table, design = DESIGNS[name]
    expected = [row for item in ITEMS for row in estimate(TABLES[table], value=item, by=by, **design)]
    assert_alike(scan(TABLES[table], Roles(items=ITEMS, by=by, **design)).estimates(), expected)


@pytest.mark.parametrize("name", TWO_STAGE_DESIGNS)
def test_two_stages_agree_with_r(name):
    reference, design = TWO_STAGE[name], TWO_STAGE_DESIGNS[name]
    found = scan(reference["data"], Roles(items=("aw", "api00"), **design)).estimates(method="mean")
    for item, one in zip(("aw", "api00"), found, strict=True):
        expected = reference["results"][item]
        assert (one.estimate, one.se) == pytest.approx((expected["mean"], expected["se"]), rel=1e-6)


def county(seed=1, *, counties=3, strata=2, schools=4, answers=6):
    """Answers of a few counties with gaps, weights of zero and rows outside every domain."""
    random = np.random.default_rng(seed)
    rows = counties * strata * schools * answers
    place = np.arange(rows)
    codes = place // (strata * schools * answers)
    return {
        "county": [f"14{code:04}" for code in codes],
        "stratum": [
            f"14{one:04}/{place // (schools * answers) % strata}"
            for one, place in zip(codes, place, strict=True)
        ],
        "psu": [f"s{one}" for one in place // answers % schools],
        "group": [
            None if random.random() < 0.05 else ("parent", "teacher")[one]
            for one in random.integers(0, 2, rows)
        ],
        "weight": np.where(random.random(rows) < 0.05, 0.0, random.uniform(1, 9, rows)),
        "yes": [None if random.random() < 0.1 else int(random.random() < 0.8) for _ in range(rows)],
        "score": [None if random.random() < 0.1 else float(random.normal(700, 9)) for _ in range(rows)],
        "schools": [9.0] * rows,
    }


ROLES = Roles(
    items=("yes", "score"),
    by=("county", "group"),
    county="county",
    weight="weight",
    stratum="stratum",
    psu="psu",
    fpc="schools",
)


def shuffled(table, order):
    return {name: [column[place] for place in order] for name, column in table.items()}


@settings(max_examples=15, deadline=None)
@given(st.permutations(range(144)), st.floats(1e-3, 1e3))
def test_neither_the_order_of_rows_nor_the_scale_of_weights_matters(order, scale):
    table = county()
    other = shuffled(table, order)
    other["weight"] = [weight * scale for weight in other["weight"]]
    assert_alike(scan(other, ROLES).estimates(), scan(table, ROLES).estimates())


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10**6))
def test_the_sum_over_counties_is_the_scan_of_the_nation(seed):
    table = county(seed)
    counties = scan(table, ROLES)
    nation = scan(table, Roles(**{**roles_of(ROLES), "by": ("group",)}))
    assert_alike(sum_moments(counties).estimates(), nation.estimates())
    provinces = sum_moments(counties, into=lambda code: code[:2], name="province")
    assert {row.by["province"] for row in provinces.estimates()} == {"14"}
    assert_alike(sum_moments(provinces).estimates(), nation.estimates())


def roles_of(roles):
    return {name: getattr(roles, name) for name in Roles.__slots__}


def test_only_counties_that_hold_whole_strata_can_be_summed():
    without = Roles(**{**roles_of(ROLES), "county": None})
    with pytest.raises(ArgumentError, match="must be by county"):
        sum_moments(scan(county(), without))
    table = county() | {"stratum": ["one"] * 144}
    with pytest.raises(ColumnError) as refusal:
        scan(table, ROLES)
    assert (refusal.value.column, refusal.value.rule) == ("county", "varies")


def test_many_rows_in_blocks_and_threads_are_summed_as_few(monkeypatch):
    table = county(counties=9)
    whole = scan(table, ROLES).estimates()
    monkeypatch.setattr(sys.modules["sampling.scan"], "_MANY", 1)
    monkeypatch.setattr(sys.modules["sampling.scan"], "_BLOCK", 7)
    assert scan(table, ROLES, threads=2).estimates() == whole


def test_masked_and_looked_up_columns_are_like_plain_ones():
    table = county()
    missing = np.array([value is None for value in table["yes"]])
    masked = np.ma.array([value or 0 for value in table["yes"]], mask=missing, dtype=np.int8)
    assert scan(table | {"yes": masked}, ROLES).estimates() == scan(table, ROLES).estimates()


# The statement on every engine


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("name", DESIGNS)
def test_every_engine_gives_the_numbers_of_r(name, engine, source):
    table, design = DESIGNS[name]
    roles = Roles(items=("sw", "aw", "hi", "api00"), **design)
    found = scan_source(source(engine, TABLES[table]), roles, engine=engine)
    for one in found.estimates(method="mean"):
        expected = SURVEY["results"][name][one.value]
        assert (one.estimate, one.se) == pytest.approx((expected["mean"], expected["se"]), rel=1e-6, abs=1e-9)
        assert [one.lower, one.upper] == pytest.approx(np.ravel(expected["ci_t_degf"]), rel=1e-6, abs=1e-9)
    for one in scan_source(
        source(engine, TABLES[table]), Roles(items=("sw",), **design), engine=engine
    ).estimates():
        interval = SURVEY["results"][name]["sw"]["svyciprop"]["logit"]
        assert (one.lower, one.upper) == pytest.approx((interval["lo"], interval["hi"]), rel=1e-6)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("by", [(), ("stype",), ("stype", "aw")])
@pytest.mark.parametrize("name", ["strat_fpc", "clus1_fpc", "srs_nofpc"])
def test_every_engine_agrees_with_the_scan_in_memory(name, by, engine, source):
    table, design = DESIGNS[name]
    roles = Roles(items=ITEMS, by=by, **design)
    found = scan_source(source(engine, TABLES[table]), roles, engine=engine).estimates()
    assert_alike(found, scan(TABLES[table], roles).estimates())


@pytest.mark.parametrize("engine", ENGINES)
def test_gaps_weights_of_zero_and_rows_outside_domains(engine, source):
    found = scan_source(source(engine, county()), ROLES, engine=engine)
    assert_alike(found.estimates(), scan(county(), ROLES).estimates())
    assert_alike(sum_moments(found).estimates(), sum_moments(scan(county(), ROLES)).estimates())


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("fpc", [None, "schools", "population_psus"])
@pytest.mark.parametrize("weight", [None, "weight"])
def test_units_are_counted_in_the_design_table(fpc, weight, engine, source):
    table = county()
    strata = sorted(set(table["stratum"]))
    design = {"stratum": strata, "psus": [5] * 6, "population_psus": [20.0, 30.0, None, 20.0, 30.0, 20.0]}
    if weight is None and fpc == "population_psus":
        design["population_psus"][2] = 25.0
    roles = Roles(**{**roles_of(ROLES), "fpc": fpc, "weight": weight})
    expected = scan(table, roles, strata=design).estimates()
    assert_alike(scan_source(source(engine, table, design), roles, engine=engine).estimates(), expected)


@pytest.mark.parametrize("engine", ["numpy", *ENGINES])
def test_a_drawn_school_without_answers_counts_as_one_whose_answers_are_missing(engine, source):
    table = county(counties=1, strata=1)
    design = {"stratum": ["140000/0"], "psus": [5]}
    roles = Roles(items=("yes",), weight="weight", stratum="stratum", psu="psu")
    silent = {name: [*column, column[0]] for name, column in table.items()} | {
        "psu": [*table["psu"], "silent"]
    }
    silent["yes"] = [*table["yes"], None]
    (expected,) = estimate(silent, value="yes", weight="weight", stratum="stratum", psu="psu")
    (found,) = scan_source(source(engine, table, design), roles, engine=engine).estimates()
    assert_alike([found], [expected])


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("lonely", ["remove", "certainty", "adjust", "average"])
def test_strata_of_a_single_unit(lonely, engine, source):
    data = TWO_STAGE["lonely"]["data"]
    roles = Roles(items=("aw",), by=("stype",), stratum="stype", weight="pw", lonely=lonely)
    whole = Roles(items=("aw",), stratum="stype", weight="pw", lonely=lonely)
    answers = {name: data[name] for name in ("aw", "stype", "pw")}
    for each in (roles, whole):
        found = scan_source(source(engine, answers), each, engine=engine).estimates(method="mean")
        assert_alike(found, scan(answers, each).estimates(method="mean"))


@pytest.mark.parametrize("engine", ENGINES)
def test_more_items_than_one_statement_holds(engine, source):
    random = np.random.default_rng(4)
    items = tuple(f"q{number}" for number in range(40))
    table = {name: random.integers(0, 2, 60) for name in items} | {"g": np.arange(60) % 3}
    roles = Roles(items=items, by=("g",))
    found = scan_source(source(engine, table), roles, engine=engine)
    assert_alike(found.estimates(), scan(table, roles).estimates())


@pytest.mark.parametrize("engine", ["numpy", *ENGINES])
def test_names_with_quotes_capitals_chinese_and_reserved_words(engine, source):
    table = {"满意": [1, 0, 1, 1], 'a"b': ["x", "x", "y", "y"], "Group": [1, 1, 2, 2], "group": [1, 2, 1, 2]}
    if engine != "postgresql":
        del table["Group"]  # the others do not tell capitals apart
    roles = Roles(items=("满意",), by=('a"b', "group"))
    found = scan_source(source(engine, table), roles, engine=engine).estimates()
    assert_alike(found, scan(table, roles).estimates())


def test_every_group_holds_the_county_and_every_part_has_names_of_its_own():
    text = str(statement(ROLES, [Measure(column="yes"), Measure(column="score", shift=7.5)], Setting()))
    groups = re.findall(r"GROUP BY ([^\n)]*)", text)
    assert len(groups) == 5
    assert all("county" in group for group in groups), groups
    aliases = [
        name for name in re.findall(r"\) AS (\w+)", text) if name in {"a", "b", "c", "counted", "counts"}
    ]
    aliases += re.findall(r"(\w+) AS \n?\(SELECT", text)
    assert len(aliases) == len(set(aliases)) >= 8, aliases
    assert "ELSE CAST(0.0 AS DOUBLE)" in text
    assert not re.search(r"ELSE \d", text)


# Parquet


@pytest.fixture
def files(tmp_path):
    """Write columns as Parquet."""

    def write(answers, design=None):
        duckdb.from_df(pd.DataFrame(answers)).write_parquet(str(tmp_path / "a.parquet"))
        if design is None:
            return Files(answers=tmp_path / "a.parquet")
        duckdb.from_df(pd.DataFrame(design)).write_parquet(str(tmp_path / "d.parquet"))
        return Files(answers=tmp_path / "a.parquet", design=tmp_path / "d.parquet")

    return write


@pytest.mark.parametrize("engine", ["numpy", "duckdb"])
def test_parquet_files_with_their_design_table(engine, files):
    table = county()
    strata = sorted(set(table["stratum"]))
    design = {"stratum": strata, "psus": [4] * 6, "population_psus": [9.0] * 6}
    roles = Roles(**{**roles_of(ROLES), "fpc": "population_psus"})
    found = scan_source(files(table, design), roles, engine=engine).estimates()
    assert_alike(found, scan(table, ROLES).estimates())


@pytest.mark.parametrize("by", [("county", "group"), ("group",), ()])
def test_parts_by_county_add_up_to_the_whole(by, files, monkeypatch):
    monkeypatch.setattr(stores, "PART", 100)
    roles = Roles(**{**roles_of(ROLES), "by": by})
    table = county(counties=5)
    assert len(stores.DuckDBStore(table).parts({f"14{code:04}": 48 for code in range(5)})) == 3
    found = scan_source(files(table), roles, engine="duckdb").estimates()
    assert_alike(found, scan(table, roles).estimates())


@pytest.mark.parametrize("engine", ["numpy", "duckdb"])
def test_truth_values_nan_and_whole_columns_of_gaps(engine, tmp_path):
    path = tmp_path / "a.parquet"
    duckdb.sql(
        "SELECT * FROM (VALUES (true, 'NaN'::DOUBLE, NULL::DOUBLE), (false, 4.5, NULL), (NULL, 2.5, NULL), "
        "(true, 3.5, NULL)) AS t(seen, score, gone)"
    ).write_parquet(str(path))
    found = scan_source(
        Files(answers=path), Roles(items=("seen", "score", "gone")), engine=engine
    ).estimates()
    assert [(one.n, one.estimate, one.method) for one in found] == [
        (3, pytest.approx(2 / 3), "logit"),
        (3, pytest.approx(3.5), "mean"),
        (0, None, "logit"),
    ]


# What is refused

TABLE = {
    "y": [1.0, 0.0, 1.0, 1.0],
    "w": [1.0, 2.0, 1.0, 1.0],
    "h": ["a", "a", "b", "b"],
    "s": [1, 2, 3, 4],
    "N": [5.0, 5.0, 9.0, 9.0],
}
REFUSED = [
    ({}, {"items": ("satisfied",)}, "satisfied", "unknown", None),
    ({}, {"weight": "weight"}, "weight", "unknown", None),
    ({"y": [1.0, 0.0, math.inf, 1.0]}, {}, "y", "infinite", 3),
    ({"w": [1.0, -2.0, 1.0, 1.0]}, {}, "w", "negative", 2),
    ({"w": [1.0, 2.0, None, 1.0]}, {}, "w", "missing", 3),
    ({"w": [0.0] * 4}, {}, "w", "all_zero", None),
    ({"w": [1.0, 2.0, 1.0, math.inf]}, {}, "w", "infinite", 4),
    ({"h": ["a", None, "b", "b"]}, {}, "h", "missing", 2),
    ({"N": [5.0, 5.0, 1.0, 1.0]}, {}, "N", "below_sample", 3),
    ({"y": ["1", "gut", "0", "1"]}, {}, "y", "not_a_number", None),
    ({"y": [1.0, 0.0, 4.0, 1.0]}, {"proportions": True}, "y", "not_binary", 3),
    ({}, {"by": ("group",)}, "group", "unknown", None),
]


@pytest.mark.parametrize("engine", ["numpy", *ENGINES])
@pytest.mark.parametrize(("change", "roles", "column", "rule", "row"), REFUSED)
def test_bad_input_is_refused_naming_column_rule_and_row(engine, source, change, roles, column, rule, row):
    asked = {"items": ("y",), "weight": "w", "stratum": "h", "psu": "s", "fpc": "N"} | roles
    with pytest.raises(ColumnError) as refusal:
        scan_source(source(engine, TABLE | change), Roles(**asked), engine=engine)
    assert (refusal.value.column, refusal.value.rule) == (column, rule)
    assert row in (None, refusal.value.row)


@pytest.mark.parametrize("engine", ["numpy", *ENGINES])
@pytest.mark.parametrize(
    ("design", "column", "rule"),
    [
        ({"stratum": ["a"], "psus": [2]}, "h", "not_designed"),
        ({"stratum": ["a", "b", "a"], "psus": [2, 2, 2]}, "stratum", "repeated"),
        ({"stratum": ["a", "b"], "psus": [2, 1]}, "psus", "below_sample"),
        ({"stratum": ["a", "b"]}, "psus", "unknown"),
        ({"stratum": ["a", "b"], "psus": [3, 3], "N": [9, 2]}, "N", "below_sample"),
    ],
)
def test_a_design_table_that_does_not_fit_is_refused(engine, source, design, column, rule):
    roles = Roles(items=("y",), stratum="h", psu="s", fpc="N" if "N" in design else None, lonely="adjust")
    answers = {name: TABLE[name] for name in ("y", "h", "s")}
    with pytest.raises(ColumnError) as refusal:
        scan_source(source(engine, answers, design), roles, engine=engine)
    assert (refusal.value.column, refusal.value.rule) == (column, rule)


@pytest.mark.parametrize("engine", ["numpy", *ENGINES])
def test_one_unit_in_a_stratum_is_refused_by_name(engine, source):
    table = TABLE | {"h": ["a", "a", "a", "b"], "N": [9.0] * 4}
    with pytest.raises(LonelyUnitError) as refusal:
        scan_source(source(engine, table), Roles(items=("y",), stratum="h", psu="s", fpc="N"), engine=engine)
    assert (refusal.value.column, refusal.value.row, refusal.value.stratum) == ("s", 4, "b")


@pytest.mark.parametrize("engine", ENGINES)
def test_a_population_that_varies_in_a_stratum_is_refused(engine, source):
    table = TABLE | {"N": [5.0, 6.0, 9.0, 9.0]}
    with pytest.raises(ColumnError) as refusal:
        scan_source(source(engine, table), Roles(items=("y",), stratum="h", psu="s", fpc="N"), engine=engine)
    assert (refusal.value.column, refusal.value.rule, refusal.value.row) == ("N", "varies", 1)


@pytest.mark.parametrize("engine", ENGINES)
def test_an_empty_table_and_a_second_stage_are_refused(engine, source):
    empty = {"y": np.array([], dtype=float), "g": np.array([], dtype=float)}
    with pytest.raises(ColumnError) as refusal:
        scan_source(source(engine, empty), Roles(items=("y",)), engine=engine)
    assert refusal.value.rule == "empty"
    with pytest.raises(EngineError) as refused:
        scan_source(source(engine, TABLE), Roles(items=("y",), psu="s", fpc="N", fpc2="w"), engine=engine)
    assert refused.value.rule == "two_stages"


@pytest.mark.parametrize(
    ("source", "engine", "rule"),
    [
        (Columns(answers=TABLE), "oracle", "unknown"),
        (Columns(answers=TABLE), "postgresql", "wrong_source"),
        (Columns(answers=TABLE), "spark", "wrong_source"),
        (Database(url="sqlite:///none.db"), "duckdb", "wrong_source"),
        (Database(url="sqlite:////nowhere/none.db"), "sqlite", "unreadable"),
        (Database(url="nonsense://x"), "postgresql", "unreadable"),
        (Database(url="postgresql://u:secret@127.0.0.1:1/x"), "postgresql", "unreadable"),
        (Files(answers=Path("/nowhere/a.parquet")), "duckdb", "unreadable"),
        (Files(answers=Path("/nowhere/a.parquet")), "numpy", "unreadable"),
    ],
)
def test_an_engine_that_cannot_scan_the_source_says_so(source, engine, rule):
    with pytest.raises(EngineError) as refusal:
        scan_source(source, Roles(items=("y",)), engine=engine)
    assert refusal.value.rule == rule
    assert "secret" not in str(refusal.value)


def test_a_database_is_read_and_never_made_or_written(tmp_path):
    path = tmp_path / "a.db"
    engine = sa.create_engine(f"sqlite:///{path}")
    pd.DataFrame(TABLE).to_sql("replies", engine, index=False)
    engine.dispose()
    before = path.read_bytes()
    roles = Roles(items=("y",), weight="w", stratum="h", psu="s", fpc="N")
    url = f"sqlite:///{path}"
    for engine in ("sqlite", "numpy"):
        found = scan_source(Database(url=url, answers="replies"), roles, engine=engine)
        assert_alike(found.estimates(), scan(TABLE, roles).estimates())
    assert path.read_bytes() == before
    with pytest.raises(EngineError) as refusal:
        scan_source(Database(url=url), roles, engine="sqlite")
    assert (refusal.value.rule, refusal.value.value) == ("no_table", "answers")
    with pytest.raises(EngineError) as refusal:
        scan_source(Database(url=url, answers="replies"), roles, engine="postgresql")
    assert refusal.value.rule == "wrong_source"


@pytest.mark.parametrize("master", ["spark://127.0.0.1:1", "spark://nowhere", "spark://127.0.0.1:99999"])
def test_a_cluster_that_does_not_answer_is_refused_at_once(master, files, monkeypatch):
    for module in ("pyspark", "pyspark.sql"):
        monkeypatch.setitem(sys.modules, module, types.ModuleType(module))
    with pytest.raises(EngineError) as refusal:
        scan_source(files({"y": [1, 0]}), Roles(items=("y",)), engine="spark", master=master)
    assert (refusal.value.rule, refusal.value.value) == ("unreachable", master)


@pytest.mark.parametrize(
    ("engine", "module", "extra"), [("duckdb", "duckdb", "fast"), ("spark", "pyspark", "spark")]
)
def test_an_engine_that_is_not_installed_names_its_extra(engine, module, extra, files, monkeypatch):
    source = files({"y": [1, 0, 1]})
    for name in [each for each in sys.modules if each.partition(".")[0] == module]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(EngineError) as refusal:
        scan_source(source, Roles(items=("y",)), engine=engine)
    assert (refusal.value.rule, refusal.value.value) == ("extra_missing", extra)
