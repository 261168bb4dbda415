"""Judge many counties at once: their schools in columns, their own figures one county after another."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from evaluation.column_questions import CODE_OF, Answer, ColumnQuestion, conclusions, one_each
from evaluation.county import COMPULSORY, CountyFile
from evaluation.county_rows import CountyRow, CountyRows, recognition_of, refused_row
from evaluation.errors import Fault
from evaluation.findings import Finding, Outcome
from evaluation.formulas import FORMULAS
from evaluation.resource_findings import by_stage
from evaluation.resources import CODES, Judgement, ResourceTable, judge
from evaluation.scheme import Scheme
from evaluation.scheme.items import Item
from evaluation.scheme.scoring import SCORING
from evaluation.school_columns import COLUMN_FORMULAS
from evaluation.school_table import SchoolTable, school_table
from evaluation.scoring import ScoreSheet, excessive_scores, score_sheet, total_finding
from evaluation.unit_columns import resource_table
from evaluation.verdict import item_findings, unknown_keys

if TYPE_CHECKING:
    import numpy as np

#: The reason that a scored total gives.
TOTAL = "total"


def evaluate_many(counties: SchoolTable | Iterable[CountyFile], scheme: Scheme) -> CountyRows:
    """Return what *scheme* says of each of *counties*: its verdict, sections and reasons, in one row.

    They are those that :func:`evaluate` finds from the county's file. Schools are judged in columns, in
    floating point; whatever lies within a hair of a threshold is judged again from the figures as given,
    exactly. Findings, their sentences and contradictions are not made: for those, evaluate the file.

    Args:
        counties: county files, which may come one after another, or their schools in columns
            (:func:`school_table`, :func:`schools_from_frame`).
        scheme: the scheme that judges all of them.

    Returns:
        One row per county, in the order given; ``.frame()`` makes a pandas data frame of them. A county that
        uses keys the scheme does not know has no outcome but its faults; the others are judged all the same.
    """
    table = counties if isinstance(counties, SchoolTable) else school_table(counties)
    resources = resource_table(table, scheme)
    judgement = judge(resources, scheme)
    found = _Found(scheme=scheme, table=table, judgement=judgement)
    for section in scheme.head.sections:
        if section == "resources":
            found.add_section(section, list(resource_answers(resources, judgement, scheme)))
        else:
            found.add_items(section)
    found.add_total()
    refused = _refused(table, scheme)
    parts = [resources.county * len(COMPULSORY) + resources.stage] * 2
    parts[1] = parts[1][judgement.parts == 1]
    rows = _rows(found, [_counts(each, resources.counties) for each in parts])
    return CountyRows(
        scheme=scheme,
        rows=tuple(
            refused_row(table.counties[place], refused[place]) if place in refused else row
            for place, row in enumerate(rows)
        ),
    )


def _counts(groups: "np.ndarray", counties: int) -> "np.ndarray":
    import numpy as np

    stages = len(COMPULSORY)
    return np.bincount(groups, minlength=counties * stages).reshape(counties, stages)


def resource_answers(table: ResourceTable, judgement: Judgement, scheme: Scheme) -> Iterator[Answer]:
    """Yield the outcomes of the resource section: school parts, differences, the county as a whole."""
    import numpy as np

    rules, stages = scheme.resources, len(COMPULSORY)
    codes = judgement.parts
    deep, below = judgement.below_floor == 1, judgement.indicators == 0
    failing = np.where(deep.any(axis=1)[:, None], deep, below)
    deciding = np.where((codes == 0)[:, None], failing, (codes == -1)[:, None] & (judgement.indicators == -1))
    yield Answer(reason=None, found=_present(table, codes, np.ones(len(codes), dtype=bool)))
    for column, indicator in enumerate(rules.indicators):
        yield Answer(reason=indicator.id, found=_present(table, codes, deciding[:, column]))
    for place in range(stages):
        for column, indicator in enumerate(rules.indicators):
            outcomes = judgement.differences[place::stages, column]
            yield Answer(reason=f"{indicator.id}.difference", found=one_each(outcomes))
    for place in range(stages):
        if rules.county_mean is not None:
            for column, indicator in enumerate(rules.indicators):
                outcomes = judgement.county_means[place::stages, column]
                yield Answer(reason=f"{indicator.id}.mean", found=one_each(outcomes))
        if rules.composite is not None:
            outcomes = judgement.composite_outcomes[place::stages]
            yield Answer(reason="R.composite", found=one_each(outcomes))


def _present(table: ResourceTable, codes: "np.ndarray", chosen: "np.ndarray") -> "np.ndarray":
    """Return counties × 3: which codes the chosen school parts of each county have."""
    import numpy as np

    places = table.county[chosen] * 3 + codes[chosen] % 3
    return np.bincount(places, minlength=table.counties * 3).reshape(-1, 3) > 0


@dataclass(slots=True, kw_only=True)
class _Found:
    """What was found of all counties, section after section."""

    scheme: Scheme
    table: SchoolTable
    judgement: Judgement
    #: Section → a code for every county.
    sections: "dict[str, np.ndarray]" = field(default_factory=dict)
    #: In the order of the document.
    answers: list[Answer] = field(default_factory=list)
    #: The findings on scored items, for every county.
    scored: dict[int, list[Finding]] = field(default_factory=lambda: defaultdict(list))
    sheets: list[ScoreSheet | None] = field(default_factory=list)

    def add_section(self, section: str, answers: list[Answer]) -> None:
        """Conclude a section on its answers."""
        self.answers += answers
        self.sections[section] = conclusions(self._all(answers))

    def add_items(self, section: str) -> None:
        """Ask the items of a section; it is met when all of them are."""
        outcomes = self._nothing()
        for item in self.scheme.sections[section].items:
            answers = self._scored(section, item) if item.points is not None else self._asked(section, item)
            self.answers += answers
            outcomes |= one_each(conclusions(self._all(answers)))
        self.sections[section] = conclusions(outcomes)

    def add_total(self) -> None:
        """Judge the total, where the scheme scores."""
        scoring = self.scheme.scoring
        for place in range(len(self.table.counties)):
            self.sheets.append(score_sheet(self.scheme, self.scored[place]))
        if scoring is None:
            return
        found, judged = self._nothing(), self._nothing()
        for place, sheet in enumerate(self.sheets):
            if sheet is not None:
                total = total_finding(scoring, sheet, self.scored[place])
                found[place, CODE_OF[total.outcome]] = True
                judged[place, CODE_OF[total.outcome]] = total.judged
        self.sections[SCORING] = conclusions(found)
        self.answers.append(Answer(reason=TOTAL, found=judged))

    def _all(self, answers: list[Answer]) -> "np.ndarray":
        """Return counties × 3: which outcomes any of the answers has."""
        import numpy as np

        return np.logical_or.reduce([self._nothing(), *(each.found for each in answers)])

    def _nothing(self) -> "np.ndarray":
        import numpy as np

        return np.zeros((len(self.table.counties), 3), dtype=bool)

    def _scored(self, section: str, item: Item) -> list[Answer]:
        """Score an item county by county; its sub-points ask no schools."""
        found = self._nothing()
        for place, county in enumerate(self.table.counties):
            summary = item_findings(county, self.scheme, section, item, ())[-1]
            self.scored[place].append(summary)
            found[place, CODE_OF[summary.outcome]] = True
        return [Answer(reason=item.id, found=found)]

    def _asked(self, section: str, item: Item) -> list[Answer]:
        """Ask the criteria of an item: those about schools in columns, the others county by county."""
        stages, indicators = len(COMPULSORY), len(self.scheme.resources.indicators)
        answers = []
        for criterion in item.criteria:
            asked = ColumnQuestion(
                table=self.table,
                scheme=self.scheme,
                section=section,
                item=item,
                criterion=criterion,
                differences=self.judgement.differences.reshape(-1, stages, indicators),
            )
            in_columns = COLUMN_FORMULAS.get(criterion.formula)
            answers += in_columns(asked) if in_columns else self._one_by_one(asked)
        return answers

    def _one_by_one(self, asked: ColumnQuestion) -> list[Answer]:
        """Ask a criterion that needs no schools of every county."""
        found: dict[str | None, Any] = {}
        formula = FORMULAS[asked.criterion.formula]
        for place in range(len(self.table.counties)):
            for finding in formula(asked.of(place)):
                reason = None if finding.summary else finding.id
                if finding.judged:
                    found.setdefault(reason, self._nothing())[place, CODE_OF[finding.outcome]] = True
        return [Answer(reason=reason, found=each) for reason, each in found.items()]


def _rows(found: _Found, parts: "list[np.ndarray]") -> Iterator[CountyRow]:
    """Yield the rows of all counties; *parts* are school parts and passing ones, counties × stages."""
    import numpy as np

    stages, indicators = len(COMPULSORY), found.scheme.resources.indicators
    codes = conclusions(np.logical_or.reduce([one_each(each) for each in found.sections.values()]))
    reasons = [each for each in found.answers if each.reason is not None]
    decides = np.array([each.found[np.arange(len(codes)), codes] for each in reasons]).T
    by_county = [
        each.reshape(-1, stages, len(indicators))
        for each in (found.judgement.coefficients, found.judgement.means)
    ]
    for place, county in enumerate(found.table.counties):
        outcome, sheet = CODES[int(codes[place])], found.sheets[place]
        deciding = [] if outcome is Outcome.MET else np.flatnonzero(decides[place])
        yield CountyRow(
            code=county.county.code,
            name=county.county.name,
            year=county.year,
            outcome=outcome,
            sections={section: CODES[int(each[place])] for section, each in found.sections.items()},
            reasons=tuple(dict.fromkeys(reasons[each].reason for each in deciding)),
            parts=dict(zip(COMPULSORY, parts[0][place].tolist(), strict=True)),
            passing=dict(zip(COMPULSORY, parts[1][place].tolist(), strict=True)),
            difference=by_stage(by_county[0][place], indicators),
            means=by_stage(by_county[1][place], indicators),
            recognition=recognition_of(county),
            total=sheet.total if sheet else None,
            band=sheet.band.label if sheet and sheet.band else None,
        )


def _refused(table: SchoolTable, scheme: Scheme) -> dict[int, list[Fault]]:
    """Return the faults of the counties that the scheme cannot judge, by place."""
    import numpy as np

    known = scheme.known_keys()
    faults: dict[int, list[Fault]] = defaultdict(list)
    for place, county in enumerate(table.counties):
        if each := [*unknown_keys(county, scheme, known), *excessive_scores(county, scheme)]:
            faults[place] = each
    first = np.searchsorted(table.county, np.arange(len(table.counties)))
    for path, column in table.said.items():
        group, _, key = path.partition(".")
        if key in known[group]:
            continue
        for row in np.flatnonzero(column >= 0):
            place = int(table.county[row])
            facts = {"scheme": scheme.id, "known": known[group]}
            where = f"schools[{row - first[place]}].{path}"
            faults[place].append(Fault(where=where, value=key, rule="not_in_scheme", facts=facts))
    return faults
