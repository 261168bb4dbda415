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
"""

from sampling.errors import ArgumentError, SamplingError
from sampling.population import Population
from sampling.quotas import Note, Quotas, Redistribution, allocate_proportionally, quotas
from sampling.size import SampleSize, sample_size

__all__ = [  # noqa: RUF022 - in the order of the work
    "Population",
    "SampleSize",
    "sample_size",
    "allocate_proportionally",
    "Note",
    "Quotas",
    "Redistribution",
    "quotas",
    "SamplingError",
    "ArgumentError",
]
