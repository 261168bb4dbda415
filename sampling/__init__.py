"""Survey sampling, from a known population to estimates with their uncertainty.

In order: population, size, quotas, frame, draw, weights, estimates. Every function is pure; every result
is a frozen record that can be printed, stored and compared.

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
"""

from sampling.certificate import Certificate, replay
from sampling.draw import (
    DrawnCluster,
    DrawnPlace,
    DrawnStratum,
    GroupDraw,
    GroupPlan,
    Sample,
    draw_sample,
)
from sampling.errors import (
    ArgumentError,
    CertificateError,
    ColumnError,
    DrawChangedError,
    FrameChangedError,
    FrameFaultsError,
    LonelyUnitError,
    ReplayError,
    SamplingError,
    SeedChangedError,
    TooFewError,
)
from sampling.estimation import Estimate, estimate
from sampling.frame import Frame, FrameFault, FrameUnit
from sampling.population import Population
from sampling.quotas import Note, Quotas, Redistribution, allocate_proportionally, quotas
from sampling.selection import inclusion_probabilities, select_smallest, select_systematically
from sampling.size import SampleSize, sample_size
from sampling.strata import Cluster, Rejection, Stratification, Stratum, stratify
from sampling.uniforms import Uniforms, seed_commitment

__all__ = [  # noqa: RUF022 - in the order of the work
    "Population",
    "SampleSize",
    "sample_size",
    "allocate_proportionally",
    "Note",
    "Quotas",
    "Redistribution",
    "quotas",
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
    "GroupDraw",
    "Sample",
    "draw_sample",
    "Certificate",
    "replay",
    "Estimate",
    "estimate",
    "SamplingError",
    "ArgumentError",
    "FrameFaultsError",
    "TooFewError",
    "ReplayError",
    "CertificateError",
    "DrawChangedError",
    "FrameChangedError",
    "SeedChangedError",
    "ColumnError",
    "LonelyUnitError",
]
