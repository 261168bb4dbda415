"""How firm a verdict is: how far each finding is from turning, and what other readings would conclude.

>>> from evaluation import evaluate, load_scheme, read_county
>>> county = read_county({
...     "format": "county/1",
...     "county": {"code": "140999", "name": "试验县"},
...     "year": 2025,
...     "schools": [],
...     "figures": {"rotation": {"eligible": 200, "rotated": 22, "rotated_backbone": 4}},
... })
>>> firm = sensitivity(evaluate(county, load_scheme("shanxi-2022")))
>>> [(change.figure, int(change.by)) for change in firm.of("G11.share").changes]
[('figures.rotation.eligible', 21), ('figures.rotation.rotated', -3)]
>>> [(change.figure, int(change.by)) for change in firm.of("G11.backbone").changes]
[('figures.rotation.rotated', -2), ('figures.rotation.rotated_backbone', 1)]

How many answers stand between a recognition rate and its threshold:

>>> from fractions import Fraction
>>> from evaluation.terms import Bound
>>> flips([Counts(valid=540, satisfied=470)], Bound(at_least=Fraction(17, 20)))
Flips(turned=12, removed=74)
"""

from evaluation.sensitivity.changes import Change, Edit, changed_county
from evaluation.sensitivity.recognition import (
    AlternativeRate,
    Counts,
    Flips,
    KeyReading,
    RateReading,
    county_rates,
    flips,
    key_readings,
    rate_readings,
    read_rates,
)
from evaluation.sensitivity.verdict import Distance, Sensitivity, sensitivity

__all__ = [
    "AlternativeRate",
    "Change",
    "Counts",
    "Distance",
    "Edit",
    "Flips",
    "KeyReading",
    "RateReading",
    "Sensitivity",
    "changed_county",
    "county_rates",
    "flips",
    "key_readings",
    "rate_readings",
    "read_rates",
    "sensitivity",
]
