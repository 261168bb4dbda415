"""Survey sampling, from a known population to estimates with their uncertainty.

In order: population, size, quotas, frame, draw, outcomes, weights, estimates. Every function is pure; every
result is a frozen record that can be printed, stored and compared.

A county of 360 000 people asks 1.5 ‰ of them:

>>> from fractions import Fraction
>>> import sampling
>>> county = sampling.Population(residents=360_000, groups={"principal": 12})
>>> size = sampling.sample_size(county.residents, rate=Fraction(15, 10_000))
>>> size.n
540

Half of them are parents, the other groups are about equal; principals are too few and pass places on:

>>> groups = ["parent", "student", "teacher", "principal", "deputy", "cppcc_member", "public"]
>>> plan = sampling.quotas(size.n, groups=groups, sizes=county.groups)
>>> dict(plan.n)  # doctest: +NORMALIZE_WHITESPACE
{'parent': 270, 'student': 52, 'teacher': 52, 'principal': 12, 'deputy': 52, 'cppcc_member': 51,
 'public': 51}

The frame holds counted lists, the parents of each school and the principals of the county:

>>> schools = [
...     sampling.FrameUnit(group="parent", id=f"s{number}", band="primary", size=300 + number)
...     for number in range(40)
... ]
>>> frame = sampling.Frame([*schools, sampling.FrameUnit(group="principal", id="county", size=12)])
>>> frame.faults(groups=["parent", "principal"], population=county)
()

The draw follows from a seed and the frame alone, so anyone can do it again from its certificate:

>>> sample = sampling.draw_sample(
...     frame,
...     [
...         sampling.GroupPlan(group="parent", n=plan.n["parent"], method="two_stage"),
...         sampling.GroupPlan(group="principal", n=plan.n["principal"], method="simple"),
...     ],
...     seed="2026",
... )
>>> parents = sample.of("parent")
>>> len(parents.places), len(parents.strata[0].drawn)
(270, 27)
>>> certificate = sampling.Certificate(sample)
>>> sampling.replay(certificate, frame) == sample
True

What became of the invitations, counted as AAPOR does:

>>> outcome = sampling.outcome_rates(
...     sampling.Dispositions(complete=172, refusal=20, non_contact=58, unknown_other=20)
... )
>>> outcome.rates["RR1"], outcome.rates["COOP1"]
(Fraction(86, 135), Fraction(43, 48))

When the field closes, schools with few answers are pooled with their neighbours; each answer of a pool then
weighs what the pool's invitations stand for:

>>> (stratum,) = parents.strata
>>> answers = {school.id: (3, 10)[number % 2] for number, school in enumerate(stratum.drawn)}
>>> pooling = sampling.pool_psus({stratum.name: answers})
>>> weights = sampling.pool_weights(pooling, sampling.invited_weight(parents))
>>> len(pooling.pools), min(pool.n for pool in pooling.pools)
(13, 13)

An estimate carries its interval, which knows the design:

>>> columns = {"satisfied": [], "pool": [], "weight": []}
>>> for place, pool in enumerate(pooling.pools):
...     for number in range(pool.n):
...         columns["satisfied"].append(int(number > place % 4))
...         columns["pool"].append(pool.id)
...         columns["weight"].append(float(weights[pool.stratum, pool.id]))
>>> (rate,) = sampling.estimate(columns, value="satisfied", weight="weight", psu="pool")
>>> rate.n, rate.psus, round(rate.estimate, 3), round(rate.lower, 3), round(rate.upper, 3)
(172, 13, 0.822, 0.756, 0.873)

Whether the threshold is reached is one question, whether the sample can tell is another:

>>> sampling.point_rule(142, 172, threshold=0.85), sampling.interval_rule(rate, threshold=0.85).verdict
('not_met', 'not_decidable')
>>> sampling.tipping_point(142, 172, threshold=0.85).answers
5

Weights can be fitted to known totals, and groups compared; standard errors know of the fit and of the schools
that groups share:

>>> columns["carer"] = [("mother", "father", "mother")[number % 3] for number in range(rate.n)]
>>> fitted = sampling.post_stratify(
...     columns, by="carer", totals={"mother": 6_400, "father": 6_000}, weight="weight"
... )
>>> (rate,) = sampling.estimate(columns, value="satisfied", psu="pool", calibration=fitted)
>>> gap = sampling.difference(
...     columns,
...     value="satisfied",
...     by="carer",
...     first="mother",
...     second="father",
...     psu="pool",
...     calibration=fitted,
... )
>>> round(rate.estimate, 3), round(gap.estimate, 3), round(gap.se, 3), gap.df
(0.823, -0.009, 0.034, 12)

Whether answers look careless or invented is asked by `sampling.integrity`.
"""

from sampling.adjustment import (
    NonresponseAdjustment,
    Trimming,
    WeightingClass,
    adjust_for_nonresponse,
    trim_weights,
)
from sampling.allocation import Allocation, allocate
from sampling.association import Association, Distribution, association, distribution
from sampling.balance import Balance, BalanceCell, BalanceNote, Margin, balance
from sampling.calibration import Calibration, calibrate, post_stratify, rake
from sampling.certificate import Certificate, replay
from sampling.contrasts import Contrast, contrast, difference, independent_difference
from sampling.decision import IntervalVerdict, TippingPoint, interval_rule, point_rule, tipping_point
from sampling.dispositions import Dispositions, OutcomeRates, Returns, outcome_rates
from sampling.draw import draw_sample
from sampling.drawn import (
    DrawnCluster,
    DrawnPlace,
    DrawnStratum,
    GroupDraw,
    ReservePlace,
    Sample,
)
from sampling.errors import (
    ArgumentError,
    CalibrationError,
    CertificateError,
    ColumnError,
    DrawChangedError,
    EngineError,
    FrameChangedError,
    FrameFaultsError,
    LonelyUnitError,
    ReplacementError,
    ReplayError,
    SamplingError,
    SeedChangedError,
    TooFewError,
)
from sampling.estimation import Estimate, estimate
from sampling.frame import Frame, FrameFault, FrameUnit
from sampling.group_plan import GroupPlan
from sampling.moment_table import MomentTable, Roles, sum_moments
from sampling.population import Population
from sampling.precision import (
    Precision,
    RequiredSize,
    invitations,
    power_to_tell,
    precision,
    size_for_half_width,
    size_to_tell,
)
from sampling.quotas import Note, Quotas, Redistribution, allocate_proportionally, quotas
from sampling.readings import Reading, readings
from sampling.replacement import Replacement, check_replacements, final_places, replace_place
from sampling.representativity import GroupResponse, PartialIndicator, RIndicator, r_indicator
from sampling.rounding import RoundedTable, round_table
from sampling.scan import scan
from sampling.school_reserve import (
    ReserveCluster,
    Substitute,
    check_school_replacements,
    replace_school,
    school_reserve,
    substitutes,
)
from sampling.selection import inclusion_probabilities, select_smallest, select_systematically
from sampling.size import SampleSize, sample_size
from sampling.strata import Cluster, Rejection, Stratification, Stratum, stratify
from sampling.targets import Target
from sampling.uniforms import Uniforms, seed_commitment
from sampling.weights import (
    Pool,
    Pooling,
    base_weight,
    invited_weight,
    kish_design_effect,
    pool_psus,
    pool_weights,
)

__all__ = [  # noqa: RUF022 - in the order of the work
    "Population",
    "SampleSize",
    "sample_size",
    "allocate_proportionally",
    "Note",
    "Quotas",
    "Redistribution",
    "quotas",
    "Allocation",
    "allocate",
    "RoundedTable",
    "round_table",
    "Balance",
    "BalanceCell",
    "BalanceNote",
    "Margin",
    "balance",
    "Precision",
    "precision",
    "RequiredSize",
    "size_for_half_width",
    "size_to_tell",
    "power_to_tell",
    "invitations",
    "Frame",
    "FrameFault",
    "FrameUnit",
    "Cluster",
    "Rejection",
    "Stratification",
    "Stratum",
    "stratify",
    "Uniforms",
    "seed_commitment",
    "inclusion_probabilities",
    "select_smallest",
    "select_systematically",
    "GroupPlan",
    "DrawnCluster",
    "DrawnPlace",
    "DrawnStratum",
    "ReservePlace",
    "GroupDraw",
    "Sample",
    "draw_sample",
    "Certificate",
    "replay",
    "Replacement",
    "replace_place",
    "check_replacements",
    "final_places",
    "ReserveCluster",
    "Substitute",
    "school_reserve",
    "replace_school",
    "check_school_replacements",
    "substitutes",
    "Dispositions",
    "OutcomeRates",
    "outcome_rates",
    "Returns",
    "GroupResponse",
    "PartialIndicator",
    "RIndicator",
    "r_indicator",
    "base_weight",
    "invited_weight",
    "Pool",
    "Pooling",
    "pool_psus",
    "pool_weights",
    "WeightingClass",
    "NonresponseAdjustment",
    "adjust_for_nonresponse",
    "Target",
    "Calibration",
    "post_stratify",
    "rake",
    "calibrate",
    "Trimming",
    "trim_weights",
    "kish_design_effect",
    "Estimate",
    "estimate",
    "Roles",
    "MomentTable",
    "scan",
    "sum_moments",
    "Distribution",
    "distribution",
    "Contrast",
    "contrast",
    "difference",
    "independent_difference",
    "Association",
    "association",
    "point_rule",
    "IntervalVerdict",
    "interval_rule",
    "TippingPoint",
    "tipping_point",
    "Reading",
    "readings",
    "SamplingError",
    "ArgumentError",
    "FrameFaultsError",
    "TooFewError",
    "ReplacementError",
    "ReplayError",
    "CertificateError",
    "DrawChangedError",
    "FrameChangedError",
    "SeedChangedError",
    "ColumnError",
    "LonelyUnitError",
    "EngineError",
    "CalibrationError",
]
