"""Reference data and numbers from R's `survey`, as plain columns."""

import csv
import json
from pathlib import Path

GOLDEN = Path(__file__).parents[1] / "golden"
SURVEY = json.loads((GOLDEN / "survey.json").read_text(encoding="utf-8"))
TWO_STAGE = json.loads((GOLDEN / "two_stage.json").read_text(encoding="utf-8"))
WEIGHTING = json.loads((GOLDEN / "weighting.json").read_text(encoding="utf-8"))
EXAMPLES = json.loads((GOLDEN / "examples.json").read_text(encoding="utf-8"))

#: The designs of survey.json: the file, and the columns that describe the design.
DESIGNS = {
    "srs_fpc": ("apisrs", {"fpc": "fpc"}),
    "srs_nofpc": ("apisrs", {"weight": "pw"}),
    "strat_fpc": ("apistrat", {"stratum": "stype", "weight": "pw", "fpc": "fpc"}),
    "strat_nofpc": ("apistrat", {"stratum": "stype", "weight": "pw"}),
    "clus1_fpc": ("apiclus1", {"psu": "dnum", "weight": "pw", "fpc": "fpc"}),
    "clus1_nofpc": ("apiclus1", {"psu": "dnum", "weight": "pw"}),
}

#: The designs of two_stage.json.
TWO_STAGE_DESIGNS = {
    "clus2": {"psu": "dnum", "ssu": "snum", "fpc": "fpc1", "fpc2": "fpc2"},
    "strat_clus2": {"stratum": "half", "psu": "dnum", "ssu": "snum", "fpc": "fpc1", "fpc2": "fpc2"},
    "strat_clus1": {"stratum": "stype", "psu": "cnum", "weight": "pw", "fpc": "fpc1"},
}


def api(name):
    """Return one of R's `api` tables with the 0/1 columns that survey.R derives."""
    with (GOLDEN / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))

    def numbers(column):
        return [float(row[column]) for row in rows]

    score = numbers("api00")
    return {
        "stype": [row["stype"] for row in rows],
        "dnum": [row["dnum"] for row in rows],
        "snum": [row["snum"] for row in rows],
        "pw": numbers("pw"),
        "fpc": numbers("fpc"),
        "api99": numbers("api99"),
        "api00": score,
        "enroll": numbers("enroll"),
        "api.stu": numbers("api.stu"),
        "sch.wide": [row["sch.wide"] for row in rows],
        "sw": [int(row["sch.wide"] == "Yes") for row in rows],
        "aw": [int(row["awards"] == "Yes") for row in rows],
        "hi": [int(value >= 900) for value in score],
        "nlo": [int(value >= 400) for value in score],
        "none": [0] * len(rows),
        "alln": [1] * len(rows),
    }
