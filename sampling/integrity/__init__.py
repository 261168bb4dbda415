"""What careless or invented answers look like, by school and county: flags for people, never a deletion.

Contented people answer alike, whole classes answer when their teacher asks them to, and some tick one column
throughout: a rule such as "flag whoever matches another on 85 % of the items" would flag most honest answers
of a contented county. Each test here compares a school with its stratum, under a null model that it names;
all evidence of a county is judged together, so that few flags are false.

>>> import numpy as np
>>> from sampling import integrity
>>> from sampling.integrity.simulated import simulated_county
>>> county = simulated_county(np.random.default_rng(7), kind="template", cheating=2)
>>> sheets = integrity.read_sheets(
...     county.answers,
...     items=county.items,
...     reversed_items=county.reversed_items,
...     school="school",
...     stratum="stratum",
... )
>>> found = integrity.control(integrity.likeness(sheets, rng=np.random.default_rng(1)))
>>> sorted({flag.evidence.place.school for flag in found.flags}) == sorted(county.cheating)
True
>>> print(found.flags[0].sentence("en"))  # doctest: +NORMALIZE_WHITESPACE
s023: 11 of 12 questionnaires (92%) have a twin in their own school: a copy with a few changes explains it,
two people of like mind hardly do; in the median school 0% have one.
"""

from sampling.integrity.counts import bursts, ceiling, speed, straight_lining
from sampling.integrity.evidence import LEAST, Evidence, Finding, Screening, control
from sampling.integrity.facts import contradicted_facts
from sampling.integrity.likeness import likeness
from sampling.integrity.sheets import Place, Sheets, read_sheets
from sampling.integrity.uniformity import uniformity
from sampling.integrity.verification import verification

__all__ = [  # noqa: RUF022 - in the order of the work
    "Place",
    "Sheets",
    "read_sheets",
    "likeness",
    "uniformity",
    "ceiling",
    "straight_lining",
    "speed",
    "bursts",
    "contradicted_facts",
    "verification",
    "Evidence",
    "LEAST",
    "Finding",
    "Screening",
    "control",
]
