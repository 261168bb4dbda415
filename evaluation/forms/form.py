"""A form: the tables an authority asks a county to fill in, as typed data.

Which figure or finding feeds a cell is data as well: a *source* names it, in terms of the county file and
of the national items (R1–R7, G1–G15, Q1–Q9, recognition), which every scheme's own items are mapped to.
:func:`evaluation.loader.load_form` makes a :class:`Form` from its folder.
"""

from fractions import Fraction
from typing import Annotated, Any, Literal, Self, get_args

from pydantic import BaseModel, Field, model_validator

from evaluation.county import CompulsoryStage, CountyFile, Kind, Locality, Ownership
from evaluation.terms import Data, Exact, Scope

#: What can be added up over schools: stage by stage, or for the school as a whole.
Summed = Literal[
    "pupils",
    "classes",
    "nearby_pupils",
    "teachers.total",
    "teachers.employees",
    "teachers.above_qualification",
    "teachers.backbone",
    "teachers.certified",
    "teachers.trained",
    "teaching_area",
    "sports_ground_area",
    "equipment_value",
    "multimedia_rooms",
    "public_funds",
    "training_funds",
]


class Source(Data):
    """What every source of a cell has."""

    #: Decimals of a number as it is printed.
    digits: int = Field(default=0, ge=0, le=6)
    #: What a number is multiplied by to stand in the cell's unit: 100 for %, 0.0001 for 万人.
    times: Exact = Fraction(1)


class OfCounty(Source):
    """A source at a place of the county file, e.g. ``county.villages`` or ``figures.rotation``."""

    of: str

    @model_validator(mode="after")
    def _places_exist(self) -> Self:
        for path in self.places():
            if not _is_place(path):
                raise ValueError(f"the county file has no place {path!r}")
        return self

    def places(self) -> tuple[str, ...]:
        """Return the places whose figures are read."""
        return (self.of,)


class CountyFigure(OfCounty):
    """One figure of the county file."""

    source: Literal["figure"]


class CountyRatio(OfCounty):
    """One sum of figures under ``of`` over another one; a name with a leading minus is subtracted."""

    source: Literal["ratio"]
    numerator: list[str]
    denominator: list[str]

    def places(self) -> tuple[str, ...]:
        """Return the places whose figures are read."""
        return tuple(f"{self.of}.{name.lstrip('-')}" for name in (*self.numerator, *self.denominator))


class SchoolCount(Source):
    """How many counted schools there are in a scope."""

    source: Literal["schools"]
    scope: Scope = Scope()


class SchoolSum(Source):
    """A figure added over schools; ``stages`` for figures that schools have by stage."""

    source: Literal["sum"]
    figure: Summed
    stages: list[CompulsoryStage] = Field(default_factory=list)
    scope: Scope = Scope()


class SchoolShare(Source):
    """One such sum over another one."""

    source: Literal["share"]
    part: Summed
    whole: Summed
    stages: list[CompulsoryStage] = Field(default_factory=list)
    scope: Scope = Scope()


class ItemValue(Source):
    """The value of the county's finding on the row's item that used all these inputs."""

    source: Literal["item_value"]
    inputs: list[str] = Field(default_factory=list)


class ItemSchools(Source):
    """How many schools the row's item concerns, or how many of them meet it."""

    source: Literal["item_schools"]
    take: Literal["all", "met"]
    inputs: list[str] = Field(default_factory=list)
    stages: list[CompulsoryStage] = Field(default_factory=list)


class ItemSum(Source):
    """An input of the findings on schools under the row's item, added up."""

    source: Literal["item_sum"]
    input: str
    stages: list[CompulsoryStage] = Field(default_factory=list)


class ItemOutcome(Source):
    """How the row's item stands."""

    source: Literal["item_outcome"]


class ItemAttested(Source):
    """How the part of the row's item stands that rests on documents; *key* where there are several."""

    source: Literal["item_attested"]
    key: str | None = None


class Reached(Source):
    """Schools that reach the row's indicator in a stage; without an indicator, those that pass the rule."""

    source: Literal["reached"]
    stage: CompulsoryStage
    take: Literal["all", "met", "share"]


class Mean(Source):
    """The county's value of the row's indicator in a stage."""

    source: Literal["mean"]
    stage: CompulsoryStage


class Difference(Source):
    """The difference coefficient of the row's indicator in a stage."""

    source: Literal["difference"]
    stage: CompulsoryStage


class Limit(Source):
    """The standard of the row's indicator in a stage; without an indicator, that of the coefficients."""

    source: Literal["limit"]
    stage: CompulsoryStage


class MonitoringResult(Source):
    """The latest result of a subject in quality monitoring, the worst of its stages."""

    source: Literal["monitoring"]
    subject: str
    take: Literal["level", "difference"]


class TallyFigure(OfCounty):
    """A count of a recognition survey's tally, or its rate with how the scheme judges it."""

    source: Literal["tally"]
    take: Literal["distributed", "valid", "satisfied", "rate"]

    def places(self) -> tuple[str, ...]:
        """Return the places whose figures are read."""
        names = ("valid", "satisfied") if self.take == "rate" else (self.take,)
        return tuple(f"{self.of}.{name}" for name in names)


class PartFact(Source):
    """What a school part is, how many indicators it reaches, or whether it passes the rule."""

    source: Literal["part"]
    take: Literal[
        "number",
        "code",
        "name",
        "stage",
        "kind",
        "locality",
        "ownership",
        "organiser",
        "pupils",
        "reached",
        "outcome",
    ]


class PartValue(Source):
    """The value of an indicator in a school part."""

    source: Literal["part_value"]
    indicator: str


AnySource = Annotated[
    CountyFigure
    | CountyRatio
    | SchoolCount
    | SchoolSum
    | SchoolShare
    | ItemValue
    | ItemSchools
    | ItemSum
    | ItemOutcome
    | ItemAttested
    | Reached
    | Mean
    | Difference
    | Limit
    | MonitoringResult
    | TallyFigure
    | PartFact
    | PartValue,
    Field(discriminator="source"),
]


class Column(Data):
    """A column of a table."""

    id: str
    heading: str
    #: What stands above the headings of several columns that belong together.
    group: str = ""
    #: Its share of the table's width.
    share: int = Field(gt=0)
    #: Whether figures stand in it, or words.
    figures: bool = False
    #: Whether a cell left out belongs to the one above it.
    spans: bool = False
    #: Whether its words name the row.
    names: bool = False
    #: What fills the column in every row that does not say otherwise.
    cell: AnySource | None = None


class Row(Data):
    """A row of a table."""

    #: The national item or indicator that the row is about.
    item: str | None = None
    indicator: str | None = None
    #: Whether it announces the rows below it.
    heading: bool = False
    #: Column → words of the form itself.
    words: dict[str, str] = Field(default_factory=dict)
    #: Column → what fills the cell.
    cells: dict[str, AnySource] = Field(default_factory=dict)


class Table(Data):
    """One table of a form: its own rows, or one row for every school part."""

    id: str
    #: E.g. ``表Ⅱ-1``.
    name: str
    title: str
    columns: list[Column]
    rows: list[Row] = Field(default_factory=list)
    each: Literal["part"] | None = None
    #: Whether it needs the long side of the paper.
    landscape: bool = False
    notes: list[str] = Field(default_factory=list)

    @model_validator(mode="after")
    def _complete(self) -> Self:
        ids = [column.id for column in self.columns]
        if len(set(ids)) != len(ids):
            raise ValueError("two columns have the same id")
        if (self.each is None) == (not self.rows):
            raise ValueError("either rows are listed or each is given")
        for row in self.rows:
            unknown = [id_ for id_ in (*row.words, *row.cells) if id_ not in ids]
            if unknown:
                raise ValueError(f"no column {unknown[0]!r}, known {', '.join(ids)}")
        return self


class Words(Data):
    """How the form writes what the county file and the verdict say in keys."""

    outcome: dict[Literal["met", "not_met", "undetermined"], str]
    stage: dict[CompulsoryStage, str]
    kind: dict[Kind, str]
    locality: dict[Locality, str]
    ownership: dict[Ownership, str]
    #: What stands where a figure is missing.
    unknown: str
    #: What stands where nobody is concerned, so that there is nothing to divide.
    nothing: str
    #: The note on a figure that looks as if it reached its standard only because it is rounded.
    rounded: str

    @model_validator(mode="after")
    def _every_key_has_a_word(self) -> Self:
        for name in ("outcome", "stage", "kind", "locality", "ownership"):
            keys = get_args(get_args(type(self).model_fields[name].annotation)[0])
            if lacking := set(keys) - set(getattr(self, name)):
                raise ValueError(f"{name}: no word for {', '.join(sorted(lacking))}")
        return self


class FormHead(Data):
    """What the form is."""

    id: str
    title: str
    #: Whose form it is, and where its columns are set out.
    document: str
    #: The tables' files in their order, without ``.toml``.
    tables: list[str]
    #: National items the form speaks of, to which schemes are mapped.
    items: list[str]
    indicators: list[str]
    words: Words
    #: The last lines, where names and the seal go.
    signature: list[str] = Field(default_factory=list)


class Form(Data):
    """A whole form; frozen, with the digest of the files it came from."""

    head: FormHead
    tables: list[Table]
    digest: str

    @property
    def id(self) -> str:
        """The form's id, e.g. ``national``."""
        return self.head.id


def _is_place(path: str) -> bool:
    """Return whether *path* can stand in a county file."""
    model: Any = CountyFile
    for step in path.split("."):
        fields = getattr(model, "model_fields", {})
        if step not in fields:
            return False
        model = _record(fields[step].annotation)
    return True


def _record(annotation: Any) -> Any:
    """Return the record inside an annotation such as ``Tally | None``; None for a figure."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    found = [_record(each) for each in get_args(annotation)]
    return next((each for each in found if each is not None), None)
