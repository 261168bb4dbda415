"""The smallest change that turns a resource indicator of a school part, or the rule for the part.

An indicator is an amount per pupil. A teacher more at a school of one stage moves the amount by one; a
square metre of a school of several stages by the part's share; a pupil moves what is divided by, and may
bring a small school into, or out of, the rule for visiting teachers.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from evaluation.county import CountyFile, School
from evaluation.findings import Finding, Outcome
from evaluation.resources import FACTORS
from evaluation.scheme import Scheme
from evaluation.scheme.resources import Indicator
from evaluation.sensitivity.asked import one_change
from evaluation.sensitivity.changes import Change
from evaluation.sensitivity.crossing import Line, crossing, fewest, value_at
from evaluation.terms import Bound
from evaluation.units import STAFF_FIGURES, Part

PUPILS = "pupils"


@dataclass(frozen=True, kw_only=True)
class Moving:
    """One school part, and how its indicators follow each of its figures."""

    county: CountyFile
    scheme: Scheme
    part: Part
    #: Indicator → its finding in this part.
    found: Mapping[str, Finding]

    @cached_property
    def members(self) -> list[School]:
        """The schools of the unit, the one that takes the others first."""
        by_code = {school.code: school for school in self.county.schools}
        return [by_code[code] for code in self.part.members]

    def figures(self, indicator: Indicator) -> list[str]:
        """Return the figures an indicator is made of, and the pupils."""
        return [*(name.lstrip("-") for name in indicator.amount), PUPILS]

    def place(self, figure: str) -> tuple[str, Fraction] | None:
        """Return where a figure is changed (in the member that has most of it) and how large it is there."""
        stage = self.part.stage
        given = []
        for school in self.members:
            if figure == PUPILS:
                path, value = f"pupils.{stage}", getattr(school.pupils, stage)
            elif figure in STAFF_FIGURES:
                path, value = f"teachers.{stage}.{figure}", school.staff_in(stage, figure)
            else:
                path, value = figure, getattr(school, figure)
            if value is not None:
                given.append((f"schools[{school.code}].{path}", Fraction(value)))
        return max(given, key=lambda each: each[1], default=None)

    def pieces(self, indicator: Indicator, figure: str) -> list[Line]:
        """Return how the indicator's value follows *figure*; empty where the value is unknown."""
        finding, place = self.found[indicator.id], self.place(figure)
        if finding.value is None or not self.part.pupils or place is None:
            return []
        factor, amount = Fraction(FACTORS[indicator.formula]), Fraction(finding.inputs["amount"])
        pupils, share = Fraction(self.part.pupils), self.part.share or Fraction(1)
        staff = indicator.amount[0].lstrip("-") in STAFF_FIGURES
        if figure == PUPILS:
            if staff:
                return self._staff_by_pupils(indicator, factor * amount, place[1])
            whole = Line(above=factor * amount / share, below=pupils / share, below_step=Fraction(1))
            return self._within_unit([whole], place[1])
        sign = sum(-1 if name[0] == "-" else 1 for name in indicator.amount if name.lstrip("-") == figure)
        slope = factor * sign * (Fraction(1) if staff else share)
        line = Line(above=factor * amount, above_step=slope, below=pupils, low=-int(place[1]))
        if slope >= 0:
            return [line]
        # What is subtracted cannot exceed what it is taken from: the amount would be unknown.
        return [
            Line(
                above=line.above, above_step=slope, below=pupils, low=line.low, high=int(-line.above / slope)
            )
        ]

    def _staff_by_pupils(self, indicator: Indicator, above: Fraction, now: Fraction) -> list[Line]:
        """Return how teachers per hundred pupils follow the pupils, with the rule for visiting teachers."""
        pupils, rule, size = Fraction(self.part.pupils or 0), self.scheme.units.visiting, self._size()
        line = Line(above=above, below=pupils, below_step=Fraction(1))
        root = self.members[0]
        claimed = sum(school.staff_in(self.part.stage, "pe_arts_visiting") or 0 for school in self.members)
        may_visit = root.locality in rule.localities or root.kind in rule.kinds
        if size is None or not claimed or not may_visit or "pe_arts" not in indicator.amount:
            return self._within_unit([line], now)
        own = above - FACTORS[indicator.formula] * self.part.visiting
        with_visiting = own + FACTORS[indicator.formula] * claimed
        first, last = rule.pupils_from - size, rule.pupils_below - 1 - size
        lines = [
            Line(above=own, below=pupils, below_step=Fraction(1), high=first - 1),
            Line(above=with_visiting, below=pupils, below_step=Fraction(1), low=first, high=last),
            Line(above=own, below=pupils, below_step=Fraction(1), low=last + 1),
        ]
        return self._within_unit(lines, now)

    def _within_unit(self, lines: Sequence[Line], now: Fraction) -> list[Line]:
        """Return the lines as far as the part stays a part: with pupils, and not too small to count."""
        low = 1 - int(now)
        size, root = self._size(), self.members[0]
        smallest = self.scheme.units.excluded_below.get(root.kind)
        if smallest is not None and size is not None:
            low = max(low, smallest - size)
        return [
            Line(
                above=line.above,
                below=line.below,
                below_step=line.below_step,
                low=low if line.low is None else max(low, line.low),
                high=line.high,
            )
            for line in lines
            if line.high is None or line.high >= low
        ]

    def _size(self) -> int | None:
        """Return the pupils that make the unit's size; None when unknown."""
        counts = [
            school.pupils_in(stage) for school in self.members for stage in self.scheme.units.size_stages
        ]
        return None if None in counts else sum(count for count in counts if count is not None)

    def indicator_changes(self, indicator: Indicator) -> Iterator[Change]:
        """Yield the smallest change of each figure that turns one indicator."""
        finding = self.found[indicator.id]
        bound = indicator.bounds.of(self.part.stage)
        for figure in dict.fromkeys(self.figures(indicator)):
            place = self.place(figure)
            steps = crossing(self.pieces(indicator, figure), bound, met=finding.outcome is not Outcome.MET)
            if steps is not None and place is not None:
                yield one_change(*place, Fraction(steps))

    def rule_changes(self, rule: Finding) -> Iterator[Change]:
        """Yield the smallest change of each figure that turns the rule for the part.

        The rule can only turn where an indicator crosses its threshold or its floor, or where another piece
        begins; all these places are tried, the nearest first.
        """
        indicators = self.scheme.resources.indicators
        wanted = Outcome.NOT_MET if rule.outcome is Outcome.MET else Outcome.MET
        for figure in dict.fromkeys(name for each in indicators for name in self.figures(each)):
            place = self.place(figure)
            if place is None:
                continue
            touched = {
                each.id: self.pieces(each, figure) for each in indicators if figure in self.figures(each)
            }
            candidates = {
                t
                for each in indicators
                for line in touched.get(each.id, ())
                for target in self.targets[each.id]
                for t in line.near(target.threshold)
                if line.covers(t)
            }
            steps = fewest(candidates, lambda t, touched=touched: self._rule_after(touched, t) is wanted)
            if steps is not None:
                yield one_change(*place, Fraction(steps))

    @cached_property
    def targets(self) -> dict[str, list[Bound]]:
        """Indicator → its threshold and, where there is one, the floor under it."""
        floor, stage = self.scheme.resources.school_rule.floor, self.part.stage
        bounds = {each.id: each.bounds.of(stage) for each in self.scheme.resources.indicators}
        if floor is None:
            return {id_: [bound] for id_, bound in bounds.items()}
        return {id_: [bound, Bound(at_least=bound.threshold * floor)] for id_, bound in bounds.items()}

    def _rule_after(self, touched: Mapping[str, Sequence[Line]], t: int) -> Outcome:
        """Return the rule's outcome when the figure that *touched* follows has moved by *t*."""
        values = {}
        for indicator in self.scheme.resources.indicators:
            values[indicator.id] = self.found[indicator.id].value
            if indicator.id in touched:
                values[indicator.id] = value_at(touched[indicator.id], t)
        return self.rule_outcome(values)

    def rule_outcome(self, values: Mapping[str, Fraction | None]) -> Outcome:
        """Return the rule's outcome for these values of the indicators; None is unknown."""
        indicators, rule = self.scheme.resources.indicators, self.scheme.resources.school_rule
        met = below = unknown = 0
        deep = False
        for indicator in indicators:
            value = values[indicator.id]
            bound, *floor = self.targets[indicator.id]
            if value is None:
                unknown += 1
            elif bound.holds(value):
                met += 1
            else:
                below += 1
                deep = deep or any(not each.holds(value) for each in floor)
        if deep or below > len(indicators) - rule.indicators_met:
            return Outcome.NOT_MET
        if met >= rule.indicators_met and (rule.floor is None or not unknown):
            return Outcome.MET
        return Outcome.UNDETERMINED

    def away(self, rule: Finding) -> tuple[int, str, Fraction]:
        """Return how many indicators must move for the rule to turn, which is nearest, and how near it is.

        Not met: those under the floor and as many others as are missing, beside unknown ones. Met: one that
        falls under the floor, or as many as may not fall below their threshold. The distance is relative to
        the nearest indicator's threshold.
        """
        indicators, needed = (
            self.scheme.resources.indicators,
            self.scheme.resources.school_rule.indicators_met,
        )
        floor = self.scheme.resources.school_rule.floor
        values = {each.id: value for each in indicators if (value := self.found[each.id].value) is not None}
        met = [each for each in indicators if self.found[each.id].outcome is Outcome.MET]
        below = [each for each in indicators if each.id in values and each not in met]
        if rule.outcome is Outcome.MET:
            count = len(met) - needed + 1 if floor is None else 1
            to_floor = len(met) > needed
            distances = [
                (self._fall(each, values[each.id], to_floor=to_floor), each.id)
                for each in (met if floor is None else [*met, *below])
            ]
        else:
            deep = [each for each in below if each.id in rule.facts["deep"]] if floor is not None else []
            count = max(len(deep), needed - len(met) - len(rule.facts["unknown"]))
            distances = [(self._rise(each, values[each.id]), each.id) for each in (deep or below)]
        distance, nearest = min(distances, key=lambda pair: pair[0])
        return count, nearest, distance

    def _rise(self, indicator: Indicator, value: Fraction) -> Fraction:
        """Return how far a value lies below its threshold, relative to it."""
        threshold = indicator.bounds.of(self.part.stage).threshold
        return (threshold - value) / threshold

    def _fall(self, indicator: Indicator, value: Fraction, *, to_floor: bool) -> Fraction:
        """Return how far a value can fall, relative to its threshold, before it counts against the part."""
        targets = self.targets[indicator.id]
        target = targets[-1] if to_floor or not targets[0].holds(value) else targets[0]
        return (value - target.threshold) / targets[0].threshold
