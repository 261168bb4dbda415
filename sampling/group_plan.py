"""The instruction for the draw of one group: which method, how many, what forms its strata."""

from __future__ import annotations

from dataclasses import dataclass, fields
from fractions import Fraction

from sampling.allocation import ALLOCATIONS, PROPORTIONAL, Allocation, allocate
from sampling.errors import ArgumentError, TooFewError
from sampling.frame import COLUMNS
from sampling.population import check_count
from sampling.strata import CANDIDATES, MINIMUM, ORDER

#: Schools first, then people in them.
TWO_STAGE = "two_stage"
#: People at once, from all lists of the group together.
SIMPLE = "simple"
#: People at once, at equal steps through the lists in order.
SYSTEMATIC = "systematic"
#: People at once, in each stratum by itself.
STRATIFIED = "stratified"
#: Whole lists with probability proportional to size; everybody on them is asked.
PPS = "pps"
#: Schools with probability proportional to size, then classes in them; everybody in these is asked.
CLASSES = "classes"

#: The allocation that is not worked out but stated.
STATED = "stated"

_SHARED = ("allocation", "exponent", "spreads", "stated")

#: Method → the keys of a plan that it reads beside `group`, `n`, `method` and the first three of two stages.
KEYS: dict[str, tuple[str, ...]] = {
    TWO_STAGE: (*_SHARED, "reserve"),
    SIMPLE: ("reserve",),
    SYSTEMATIC: ("by", "least", *_SHARED, "reserve"),
    STRATIFIED: ("by", "least", *_SHARED, "reserve"),
    PPS: ("by", "least", *_SHARED),
    CLASSES: ("by", "least", *_SHARED, "take"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupPlan:
    """How one group is to be drawn.

    Raises:
        ArgumentError: An unknown method, attribute or allocation, a number below its least, or a key that
            the method does not read.
    """

    #: The respondent group.
    group: str
    #: Invitations; lists for `pps`, schools for `classes`. Not more than the group has.
    n: int
    #: A key of `KEYS`.
    method: str
    #: For two stages: stratum-forming attributes, from fine to coarse.
    candidates: tuple[tuple[str, ...], ...] = CANDIDATES
    #: Attributes that order the units inside a stratum.
    order: tuple[str, ...] = ORDER
    #: For two stages: the least number of places in a drawn cluster.
    minimum: int = MINIMUM
    #: Attributes that form the strata; none for the whole group.
    by: tuple[str, ...] = ()
    #: How *n* is shared among strata: a key of `ALLOCATIONS`, or `stated`.
    allocation: str = PROPORTIONAL
    #: For `power`: the exponent.
    exponent: Fraction = Fraction(1, 2)
    #: For `neyman` and `power`: (stratum, spread) of each.
    spreads: tuple[tuple[str, Fraction], ...] = ()
    #: For `stated`: (stratum, n) of each; in all *n*.
    stated: tuple[tuple[str, int], ...] = ()
    #: What every stratum gets at least, so that nobody is out of reach.
    least: int = 1
    #: For `classes`: how many in each drawn school, which gives all it has if these are fewer.
    take: int = 1
    #: Places drawn beside the sample, to replace who cannot be reached, in their order.
    reserve: int = 0

    def __post_init__(self):
        check_count("n", self.n, at_least=1)
        check_count("minimum", self.minimum, at_least=1)
        check_count("least", self.least, at_least=0)
        check_count("take", self.take, at_least=1)
        check_count("reserve", self.reserve, at_least=0)
        if self.method not in KEYS:
            raise ArgumentError("method", value=self.method, rule=f"must be one of {list(KEYS)}")
        if not self.candidates:
            raise ArgumentError("candidates", value=self.candidates, rule="must hold one choice or more")
        for name in (*self.order, *self.by, *(name for by in self.candidates for name in by)):
            if name not in COLUMNS[1:-1]:
                raise ArgumentError("attribute", value=name, rule=f"must be one of {COLUMNS[1:-1]}")
        if self.allocation not in (*ALLOCATIONS, STATED):
            rule = f"must be one of {[*ALLOCATIONS, STATED]}"
            raise ArgumentError("allocation", value=self.allocation, rule=rule)
        if unread := sorted(self.changed - set(KEYS[self.method])):
            raise ArgumentError(
                unread[0], value=getattr(self, unread[0]), rule=f"is not read by {self.method}"
            )

    @property
    def changed(self) -> frozenset[str]:
        """The keys of the later methods that differ from their defaults."""
        return frozenset(one.name for one in LATER if getattr(self, one.name) != one.default)

    def share(self, sizes: dict[str, int], *, at_most: dict[str, int] | None = None) -> Allocation:
        """Share *n* among strata of *sizes* people as the plan says.

        Raises:
            ArgumentError: Strata stated or spread that there are not, or parts that are not *n* in all.
            TooFewError: The strata cannot take *n*.
        """
        if self.allocation != STATED:
            return allocate(
                self.n,
                sizes,
                method=self.allocation,
                spreads=dict(self.spreads),
                exponent=self.exponent,
                at_least=self.least if "least" in KEYS[self.method] else 0,
                at_most=at_most,
            )
        return self._stated(sizes, at_most or sizes)

    def _stated(self, sizes: dict[str, int], at_most: dict[str, int]) -> Allocation:
        given = dict(self.stated)
        if set(given) != set(sizes) or len(given) != len(self.stated):
            rule = f"must name each stratum once: {list(sizes)}"
            raise ArgumentError("stated", value=list(given), rule=rule)
        for name, n in given.items():
            check_count(f"stated {name}", n, at_least=0)
            if n > at_most[name]:
                raise TooFewError(name, wanted=n, available=at_most[name])
        if sum(given.values()) != self.n:
            raise ArgumentError("stated", value=sum(given.values()), rule=f"must add up to n, {self.n}")
        n = {name: given[name] for name in sizes}
        exact = {name: Fraction(each) for name, each in n.items()}
        return Allocation(method=STATED, total=self.n, exact=exact, n=n, cut=(), raised=())


#: The keys that came with the later methods; the first two methods were drawn without them.
LATER = tuple(one for one in fields(GroupPlan) if one.name in {key for keys in KEYS.values() for key in keys})
