"""Scheme and county file in; findings, verdict and contradictions out.

A scheme is one official document as data; a county file holds one county's schools and figures.

>>> scheme = load_scheme("shanxi-2022")
>>> scheme.document
'晋政教督办〔2022〕1号'
>>> county = read_county({
...     "format": "county/1",
...     "county": {"code": "140999", "name": "试验县"},
...     "year": 2025,
...     "schools": [{
...         "code": "S1", "name": "中心小学", "kind": "primary", "locality": "rural",
...         "ownership": "public", "boarding": False, "pupils": {"primary": 200},
...         "teachers": {"primary": {"above_qualification": 8, "backbone": 2, "pe_arts": 2}},
...     }],
... })

What is absent is unknown: one indicator below its threshold could still be the one that may be missed.

>>> verdict = evaluate(county, scheme)
>>> finding = verdict.of("R1", school="S1", stage="primary")
>>> finding.outcome.value, finding.value, finding.gap
('not_met', Fraction(4, 1), Fraction(-1, 5))
>>> print(finding.reason("zh"))
中心小学·小学，每百名学生拥有高于规定学历教师数：4，要求不低于4.2，差0.2，未达标。
>>> verdict.outcome.value
'undetermined'

Many counties are judged at once, each in one row of a table.

>>> rows = evaluate_many([county], scheme).rows
>>> rows[0].outcome is verdict.outcome, rows[0].reasons == verdict.reasons
(True, True)

A file that cannot be read is refused with every fault as a value.

>>> try:
...     read_county({"format": "county/1", "year": "2025", "schools": []})
... except CountyFileError as error:
...     [(fault.where, fault.rule) for fault in error.faults]
[('county', 'required'), ('year', 'type')]

The difference coefficient between schools is weighted by their pupils.

>>> round(difference_coefficient([279, 137, 935, 160, 402], [45, 37, 89, 76, 55]), 3)
0.515
"""

from evaluation.contradictions import Contradiction
from evaluation.county import CountyFile, School
from evaluation.county_frames import counties_from_frame
from evaluation.county_rows import CountyRow, CountyRows, row_of
from evaluation.difference import difference_coefficient
from evaluation.document_contradictions import document_contradictions
from evaluation.errors import (
    CountyFileError,
    EvaluationError,
    Fault,
    NothingToCompareError,
    RemedyFileError,
    SchemeError,
    UnknownScheduleError,
    UnknownSchemeError,
)
from evaluation.findings import Finding, Outcome, conclude
from evaluation.loader import (
    example_files,
    list_examples,
    list_schedules,
    list_schemes,
    load_schedule,
    load_scheme,
)
from evaluation.many import evaluate_many
from evaluation.reading import read_county
from evaluation.remedies import (
    Mergers,
    Plan,
    Shortfalls,
    UnitCosts,
    WhatIf,
    plan_remedies,
    read_mergers,
    read_unit_costs,
    what_if,
)
from evaluation.remedies.shortfalls import shortfalls
from evaluation.schedule import Schedule, schedule_contradictions
from evaluation.scheme import Scheme
from evaluation.scheme.head import SampleRule
from evaluation.school_table import SchoolTable, school_table
from evaluation.sensitivity import Sensitivity, sensitivity
from evaluation.units import Part, school_parts
from evaluation.verdict import Verdict, evaluate

__all__ = [
    "Contradiction",
    "CountyFile",
    "CountyFileError",
    "CountyRow",
    "CountyRows",
    "EvaluationError",
    "Fault",
    "Finding",
    "Mergers",
    "NothingToCompareError",
    "Outcome",
    "Part",
    "Plan",
    "RemedyFileError",
    "SampleRule",
    "Schedule",
    "Scheme",
    "SchemeError",
    "School",
    "SchoolTable",
    "Sensitivity",
    "Shortfalls",
    "UnitCosts",
    "UnknownScheduleError",
    "UnknownSchemeError",
    "Verdict",
    "WhatIf",
    "conclude",
    "counties_from_frame",
    "difference_coefficient",
    "document_contradictions",
    "evaluate",
    "evaluate_many",
    "example_files",
    "list_examples",
    "list_schedules",
    "list_schemes",
    "load_schedule",
    "load_scheme",
    "plan_remedies",
    "read_county",
    "read_mergers",
    "read_unit_costs",
    "row_of",
    "schedule_contradictions",
    "school_parts",
    "school_table",
    "sensitivity",
    "shortfalls",
    "what_if",
]
