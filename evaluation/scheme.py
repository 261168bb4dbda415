"""A scheme: what one official document demands, as typed data.

Every threshold, scope, exemption and formula name that the judgement uses stands here; the Python code
holds none of them. :func:`evaluation.loader.load_scheme` makes a :class:`Scheme` from its folder.
"""

from collections.abc import Iterator, Set
from datetime import date
from fractions import Fraction
from typing import Annotated, Any, Literal, Self

from pydantic import Field, ValidationInfo, field_validator, model_validator

from evaluation.county import OWN_STAGES, STAGES, Groups, Kind, Locality, Stage
from evaluation.criteria import (
    Criterion,
    Data,
    Exact,
    Natural,
    Positive,
    Share,
    StageBounds,
    Standard,
    Text,
    Unit,
)

#: The figures of a school part that an indicator may add or, with a leading minus, subtract.
PART_FIGURES = (
    "above_qualification",
    "backbone",
    "pe_arts",
    "teaching_area",
    "indoor_sports_area",
    "sports_ground_area",
    "equipment_value",
    "multimedia_rooms",
)

#: The section of the total, in a scheme that scores.
SCORING = "scoring"


class Reading(Data):
    """Where the document leaves a choice: what this scheme reads into it."""

    id: str
    text: Text


class Alternative(Data):
    """One of several ways to read a document that contradicts itself; the head's ``reading`` chooses."""

    id: str
    #: In a few words, for lists.
    label: Text
    text: Text


class StatedCount(Data):
    """How many items a section has by the document's own words."""

    section: str
    stated: int
    text: Text
    clause: str


class Floor(Data):
    """The smallest sample allowed, for counties below a population (or any)."""

    at_least: int
    below_population: int | None = None


class SampleRule(Data):
    """How many questionnaires the recognition survey needs and who answers them."""

    #: Questionnaires per resident.
    rate: Share
    parents_share: Share
    #: Respondent groups in the order that settles ties; ``parent`` first.
    groups: list[str]
    floors: list[Floor] = Field(default_factory=list)
    cap: Natural | None = None
    clause: str

    @model_validator(mode="after")
    def _groups_known(self) -> Self:
        known = tuple(Groups.model_fields)
        unknown = [group for group in self.groups if group not in known]
        if unknown:
            raise ValueError(f"unknown group {unknown[0]!r}, known {', '.join(known)}")
        if self.groups[:1] != ["parent"] or len(set(self.groups)) < len(self.groups):
            raise ValueError("groups start with parent and stand once each")
        return self


class Head(Data):
    """What the document is."""

    id: str
    title: Text
    document: str
    issuer: Text
    #: None where the document bears no date; a reading then says so.
    issued: date | None = None
    #: The years its plan spans, and the year in which the county means to be recognised.
    from_year: int | None = None
    until_year: int | None = None
    target_year: int | None = None
    #: Where it applies: the first digits of the codes of its counties (GB/T 2260); None: everywhere.
    region: Annotated[str, Field(pattern=r"^([0-9]{2}|[0-9]{4}|[0-9]{6})$")] | None = None
    #: The scheme that this one varies.
    extends: str | None = None
    #: Sections in the order of the document.
    sections: Annotated[list[str], Field(min_length=1)]
    readings: list[Reading] = Field(default_factory=list)
    #: The readings among which ``reading`` chooses; tables of any file may say ``under = ["id", …]``.
    alternatives: list[Alternative] = Field(default_factory=list)
    reading: str | None = None
    stated_counts: list[StatedCount] = Field(default_factory=list)
    sample: SampleRule | None = None

    @field_validator("sections", "readings", "alternatives")
    @classmethod
    def _each_once(cls, given: list[Any]) -> list[Any]:
        ids = [getattr(each, "id", each) for each in given]
        doubled = [id_ for place, id_ in enumerate(ids) if id_ in ids[:place]]
        if doubled:
            raise ValueError(f"{doubled[0]!r} stands twice")
        return given

    @field_validator("stated_counts")
    @classmethod
    def _counts_of_sections(cls, given: list[StatedCount], info: ValidationInfo) -> list[StatedCount]:
        known = info.data.get("sections", [])
        unknown = [each.section for each in given if each.section not in known]
        if known and unknown:
            raise ValueError(f"no section {unknown[0]!r}, known {', '.join(known)}")
        return given


class Split(Data):
    """How a school of several stages shares what its stages use together: by weighted pupils."""

    #: Weight of one pupil of each stage.
    weights: dict[Stage, Positive]
    #: Kinds for which the document states weights of their own.
    kinds: dict[Kind, dict[Stage, Positive]] = Field(default_factory=dict)
    clause: str

    @field_validator("weights")
    @classmethod
    def _every_stage_has_a_weight(cls, weights: dict[Stage, Fraction]) -> dict[Stage, Fraction]:
        missing = [stage for stage in STAGES if stage not in weights]
        if missing:
            raise ValueError(f"no weight for {missing[0]!r}")
        return weights

    @field_validator("kinds")
    @classmethod
    def _every_stage_of_a_kind_has_a_weight(cls, kinds: dict[Kind, Any]) -> dict[Kind, Any]:
        for kind, weights in kinds.items():
            missing = [stage for stage in OWN_STAGES[kind] if stage not in weights]
            if missing:
                raise ValueError(f"{kind}: no weight for {missing[0]!r}")
        return kinds

    def weights_of(self, kind: str, stages: Set[str]) -> dict[str, Fraction]:
        """Return the weights for a school of *kind* with pupils in *stages*."""
        own = self.kinds.get(kind, {})
        return dict(own) if stages <= set(own) else dict(self.weights)


class Visiting(Data):
    """Where visiting teachers of physical education and arts may be added."""

    pupils_from: int
    pupils_below: int
    localities: list[Locality]
    kinds: list[Kind]
    clause: str


class Units(Data):
    """What a statistical unit is."""

    excluded_kinds: list[Kind]
    #: Kinds that drop out below so many pupils.
    excluded_below: dict[Kind, int]
    #: The stages whose pupils make a school's size.
    size_stages: Annotated[list[Stage], Field(min_length=1)]
    split: Split
    visiting: Visiting
    clause: str


class Indicator(Data):
    """One resource indicator: an amount per pupil, or per hundred pupils."""

    id: str
    label: Text
    #: For the head of a narrow column; the id stands there where it is not given.
    short: Text | None = None
    unit: Unit
    formula: Literal["per_hundred_pupils", "per_pupil"]
    amount: Annotated[list[str], Field(min_length=1)]
    bounds: StageBounds
    clause: str
    #: The document's own class of the indicator, e.g. ``A``.
    category: str | None = None
    #: Its number among the national indicators, where the document counts otherwise.
    national: str | None = None
    #: Who answers for it, in the document's words.
    departments: list[str] = Field(default_factory=list)

    @model_validator(mode="after")
    def _amounts_known(self) -> Self:
        unknown = [name for name in self.amount if name.lstrip("-") not in PART_FIGURES]
        if unknown:
            raise ValueError(f"unknown figure {unknown[0]!r}, known {', '.join(PART_FIGURES)}")
        if any(not bound.wants_more for bound in (self.bounds.primary, self.bounds.junior)):
            raise ValueError("a resource indicator is bounded from below (at_least or above)")
        return self


class SchoolRule(Data):
    """When a school passes: so many indicators reach their threshold, the others a share of it."""

    indicators_met: Natural
    #: What the others must at least reach, as a share of the threshold; None: nothing is asked of them.
    floor: Share | None = None
    label: Text
    clause: str


class DifferenceRule(Data):
    """How unequal schools may be, for each indicator and stage."""

    bounds: StageBounds
    label: Text
    clause: str

    @model_validator(mode="after")
    def _bounded_from_above(self) -> Self:
        bounds = (self.bounds.primary, self.bounds.junior)
        if any(bound.wants_more or bound.threshold <= 0 for bound in bounds):
            raise ValueError("a coefficient is bounded from above (at_most or below), by a number above 0")
        return self


class MeanRule(Data):
    """The county as a whole must reach every indicator's threshold, in each stage."""

    label: Text
    clause: str


class Resources(Data):
    """The resource section: indicators, the rule for a school, the rules for the county."""

    label: Text
    clause: str
    indicators: Annotated[list[Indicator], Field(min_length=1)]
    school_rule: SchoolRule
    difference: DifferenceRule
    #: None where the document asks nothing of the county's mean.
    county_mean: MeanRule | None = None
    #: The mean of a stage's coefficients (综合差异系数); None where the document names none.
    composite: DifferenceRule | None = None

    @field_validator("school_rule")
    @classmethod
    def _rule_can_be_kept(cls, rule: SchoolRule, info: ValidationInfo) -> SchoolRule:
        indicators = info.data.get("indicators")
        if indicators is not None and rule.indicators_met > len(indicators):
            raise ValueError(
                f"indicators_met is {rule.indicators_met}, there are {len(indicators)} indicators"
            )
        return rule


class Item(Data):
    """One item of the document: criteria that must all be met, or sub-points that add up to its points."""

    id: str
    label: Text
    clause: str
    criteria: Annotated[list[Criterion], Field(min_length=1)]
    #: The document's own class of the item, e.g. ``A`` (must be met) or ``B`` (scored).
    category: str | None = None
    #: Its number, or numbers, among the national items, where the document counts otherwise.
    national: list[str] = Field(default_factory=list)
    #: Who answers for it, in the document's words.
    departments: list[str] = Field(default_factory=list)
    #: What the item is worth where it is scored; its criteria's points add up to it.
    points: Exact | None = None

    @model_validator(mode="after")
    def _points_add_up(self) -> Self:
        given = [criterion.points for criterion in self.criteria]
        if self.points is None and any(each is not None for each in given):
            raise ValueError("criteria have points, the item has none")
        if self.points is not None:
            total = sum((each or Fraction(0) for each in given), Fraction(0))
            if None in given or total != self.points:
                raise ValueError(f"the points of the criteria add up to {total}, not to {self.points}")
        return self

    def criterion_id(self, criterion: Criterion) -> str:
        """Return ``G14.share`` for the part ``share`` of ``G14``, ``G4`` for the only part of ``G4``."""
        return f"{self.id}.{criterion.id}" if criterion.id else self.id


class Section(Data):
    """Items that must all be met."""

    label: Text
    clause: str
    items: Annotated[list[Item], Field(min_length=1)]


class Band(Data):
    """A grade for a total score."""

    id: str
    label: Text
    #: The smallest total that has it.
    at_least: Exact


class Scoring(Data):
    """How scored items conclude: each reaches a share of its points, the total falls into a band."""

    label: Text
    clause: str
    #: What all scored items are worth together.
    points: Exact
    #: The share of its points that every scored item must reach.
    item_share: Share
    #: From the lowest to the highest.
    bands: list[Band]

    @field_validator("bands")
    @classmethod
    def _bands_rise(cls, bands: list[Band]) -> list[Band]:
        limits = [band.at_least for band in bands]
        if not limits or limits != sorted(set(limits)):
            raise ValueError("bands go from the lowest to the highest, each once")
        return bands


class Condition(Data):
    """When an exemption may be claimed: every key given must hold of the school."""

    built_by: int | None = None
    localities: list[Locality] | None = None
    largest_class_below: int | None = None
    migrant_share_above: Exact | None = None
    dense_centre: bool | None = None

    @model_validator(mode="after")
    def _asks_something(self) -> Self:
        if all(getattr(self, name) is None for name in type(self).model_fields):
            raise ValueError(f"one of {', '.join(type(self).model_fields)} is needed")
        return self


class Exemption(Data):
    """A lighter standard for schools in a certain position, for a time."""

    id: str
    label: Text
    clause: str
    condition: Condition
    #: The last application year in which it may be claimed; None: without end.
    valid_until: int | None = None
    #: Within how many years after recognition the full standard must be reached; 0: no such duty.
    follow_up_years: int = 0
    standards: list[Standard] = Field(default_factory=list)
    #: A figure that an indicator may then add, e.g. ``{"R5": "extra_sports_area"}``.
    adds: dict[str, Literal["extra_sports_area"]] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _changes_something(self) -> Self:
        if not self.standards and not self.adds:
            raise ValueError("standards or adds is needed")
        return self


class Scheme(Data):
    """Everything one document demands; frozen, with the digest of the files it came from."""

    head: Head
    units: Units
    resources: Resources
    #: Sections other than the resources, by id.
    sections: dict[str, Section]
    exemptions: list[Exemption] = Field(default_factory=list)
    #: How scored items conclude; None where the document scores nothing.
    scoring: Scoring | None = None
    #: The reading by which it was loaded, where the document has several.
    reading: str | None = None
    #: The keys of the scheme it extends and of its other readings: a county file may say more than is asked.
    base_keys: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    #: SHA-256 over the scheme's files in canonical order.
    digest: str

    @property
    def id(self) -> str:
        """The scheme's id, e.g. ``shanxi-2022``; ``haicheng-2023@annex`` under a reading not its own."""
        return self.head.id if self.reading == self.head.reading else f"{self.head.id}@{self.reading}"

    @property
    def title(self) -> Text:
        """The document's title."""
        return self.head.title

    @property
    def document(self) -> str:
        """The document's official number, with the reading chosen where it has several."""
        chosen = next((each.label for each in self.head.alternatives if each.id == self.reading), None)
        return f"{self.head.document}，{chosen.zh}" if chosen else self.head.document

    @property
    def name(self) -> Text:
        """The document's title, with the reading chosen where it has several."""
        chosen = next((each.label for each in self.head.alternatives if each.id == self.reading), None)
        title = self.head.title
        if chosen is None:
            return title
        return Text(zh=f"{title.zh}（{chosen.zh}）", en=f"{title.en} ({chosen.en})")

    @property
    def other_readings(self) -> list[str]:
        """The ids under which it is loaded by its other readings, e.g. ``haicheng-2023@annex``."""
        others = (each.id for each in self.head.alternatives if each.id != self.head.reading)
        return [f"{self.head.id}@{each}" for each in others]

    @property
    def declared(self) -> list[Text]:
        """What is printed beside every finding: the reading chosen, then whatever else was read into it."""
        chosen = [each.text for each in self.head.alternatives if each.id == self.reading]
        return chosen + [each.text for each in self.head.readings]

    @property
    def sample(self) -> SampleRule | None:
        """How large a recognition survey must be."""
        return self.head.sample

    def indicator(self, id_: str) -> Indicator:
        """Return the resource indicator *id_*."""
        return next(indicator for indicator in self.resources.indicators if indicator.id == id_)

    def all_items(self) -> Iterator[tuple[str, Item]]:
        """Yield every item with its section's id, in the order of the document."""
        for section in self.head.sections:
            if section in self.sections:
                yield from ((section, item) for item in self.sections[section].items)

    def items_of(self, key: str) -> list[str]:
        """Return the ids of the items that an attestation or veto of this key is about."""
        return [
            item.id
            for _, item in self.all_items()
            if key == item.id
            or any(
                key in (item.criterion_id(each), each.attestation)
                or (each.formula == "did_not_happen" and each.fact == f"vetoes.{key}")
                for each in item.criteria
            )
        ]

    @property
    def section_ids(self) -> list[str]:
        """The sections of a verdict: those of the document and, where it scores, the total's."""
        return [*self.head.sections, SCORING] if self.scoring else list(self.head.sections)

    def _section(self, section: str) -> Resources | Section | Scoring:
        if section == SCORING and self.scoring is not None:
            return self.scoring
        return self.resources if section == "resources" else self.sections[section]

    def section_label(self, section: str) -> Text:
        """Return the title of a section."""
        return self._section(section).label

    def section_clause(self, section: str) -> str:
        """Return where a section stands in the document."""
        return self._section(section).clause

    def known_keys(self) -> dict[str, tuple[str, ...]]:
        """Return the keys a county file may use under attestations, vetoes, scores and topics."""
        attestations, vetoes, scores, ids = set(), set(), set(), set()
        for _, item in self.all_items():
            ids.add(item.id)
            for criterion in item.criteria:
                ids.add(item.criterion_id(criterion))
                if criterion.attestation:
                    attestations.add(criterion.attestation)
                if criterion.formula == "school_size" and criterion.excused_by:
                    attestations.add(criterion.excused_by)
                if criterion.formula == "did_not_happen" and criterion.fact.startswith("vetoes."):
                    vetoes.add(criterion.fact.removeprefix("vetoes."))
                if criterion.points is not None:
                    scores.add(item.criterion_id(criterion))
        indicators = {indicator.id for indicator in self.resources.indicators}
        own = {
            "attestations": tuple(sorted(attestations)) + tuple(sorted(ids)),
            "vetoes": tuple(sorted(vetoes)),
            "scores": tuple(sorted(scores)),
            "topics": tuple(sorted(ids | indicators)),
        }
        more = self.base_keys
        return {name: tuple(dict.fromkeys((*keys, *more.get(name, ())))) for name, keys in own.items()}
