"""The county file: one county's schools and figures for one year, typed and exact.

The models mirror the county file's JSON schema key by key. Whatever is absent is None, which means
unknown: never zero and never passed. Amounts are :class:`~decimal.Decimal`, money in 元, areas in m².
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Any, Literal, get_args

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

Stage = Literal["kindergarten", "primary", "junior", "senior"]
CompulsoryStage = Literal["primary", "junior"]
Kind = Literal[
    "primary",
    "teaching_point",
    "junior",
    "nine_year",
    "complete_secondary",
    "twelve_year",
    "special",
    "vocational",
]
Locality = Literal["urban", "town", "rural"]
Ownership = Literal["public", "private"]
Grade = Literal["1", "2", "3", "4", "5", "6", "7", "8", "9"]

STAGES: tuple[Stage, ...] = get_args(Stage)
COMPULSORY: tuple[CompulsoryStage, ...] = get_args(CompulsoryStage)

#: The stages a school of each kind has by its nature; a number absent there is unknown.
OWN_STAGES: dict[str, tuple[Stage, ...]] = {
    "primary": ("primary",),
    "teaching_point": ("primary",),
    "junior": ("junior",),
    "nine_year": ("primary", "junior"),
    "complete_secondary": ("junior", "senior"),
    "twelve_year": ("primary", "junior", "senior"),
    "special": (),
    "vocational": ("senior",),
}

#: The stages whose classes may be attached; a number absent there means there are none.
ATTACHED_STAGES: dict[str, tuple[Stage, ...]] = {
    "primary": ("kindergarten",),
    "teaching_point": ("kindergarten",),
    "junior": ("primary",),
    "nine_year": ("kindergarten",),
    "complete_secondary": (),
    "twelve_year": ("kindergarten",),
    "special": STAGES,
    "vocational": ("kindergarten", "primary", "junior"),
}


def _whole(value: Any) -> Any:
    """Let 265.0 be the integer it is, as JSON Schema does; leave the rest to the strict type."""
    if isinstance(value, Decimal) and value == value.to_integral_value():
        return int(value)
    return value


def _decimal(value: Any) -> Any:
    """Turn a whole number into a decimal; a truth value is not a number."""
    if isinstance(value, int) and not isinstance(value, bool):
        return Decimal(value)
    return value


Integer = Annotated[int, BeforeValidator(_whole)]
Count = Annotated[int, BeforeValidator(_whole), Field(ge=0)]
Number = Annotated[Decimal, BeforeValidator(_decimal)]
Amount = Annotated[Decimal, BeforeValidator(_decimal), Field(ge=0)]
Share = Annotated[Decimal, BeforeValidator(_decimal), Field(ge=0, le=1)]


class Record(BaseModel):
    """A part of the county file: frozen, strict, without unknown keys."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")


class CountyName(Record):
    """Which county it is, and its size."""

    code: Annotated[str, Field(pattern=r"^[0-9]{6}$")]
    name: str
    resident_population: Annotated[int, BeforeValidator(_whole), Field(ge=1)] | None = None
    townships: Count | None = None
    villages: Count | None = None
    rural_population: Count | None = None
    gdp_per_head: Amount | None = None
    revenue_per_head: Amount | None = None
    rural_income: Amount | None = None
    urban_income: Amount | None = None


class PupilsByStage(Record):
    """A count of pupils for every stage."""

    kindergarten: Count | None = None
    primary: Count | None = None
    junior: Count | None = None
    senior: Count | None = None


class AmountByStage(Record):
    """An amount for primary and junior schools."""

    primary: Amount | None = None
    junior: Amount | None = None


class Staff(Record):
    """The teachers of one stage of one school."""

    total: Count | None = None
    above_qualification: Count | None = None
    backbone: Count | None = None
    pe_arts: Count | None = None
    pe_arts_visiting: Count | None = None
    certified: Count | None = None
    trained: Count | None = None
    employees: Count | None = None
    posts: Count | None = None
    temporary: Count | None = None
    pe_arts_specialist: Count | None = None


class StaffByStage(Record):
    """The teachers of a school by the stage they teach."""

    primary: Staff | None = None
    junior: Staff | None = None


class ClassSizes(Record):
    """Pupils in each class."""

    primary: list[Count] | None = None
    junior: list[Count] | None = None


class Attestation(Record):
    """A judgement that rests on documents."""

    met: bool
    note: str | None = None


class School(Record):
    """One school, campus or teaching point."""

    code: str
    name: str
    kind: Kind
    locality: Locality
    ownership: Ownership
    boarding: bool
    counted: bool = True
    merge_into: str | None = None
    campus_of: str | None = None
    migrant_share: Share | None = None
    dense_centre: bool | None = None
    pupils: PupilsByStage
    class_sizes: ClassSizes | None = None
    teachers: StaffByStage | None = None
    teaching_area: Amount | None = None
    indoor_sports_area: Amount | None = None
    sports_ground_area: Amount | None = None
    extra_sports_area: Amount | None = None
    equipment_value: Amount | None = None
    multimedia_rooms: Count | None = None
    music_rooms: list[Amount] | None = None
    art_rooms: list[Amount] | None = None
    nearby_pupils: PupilsByStage | None = None
    funded_pupils: Count | None = None
    public_funds: Amount | None = None
    training_funds: Amount | None = None
    built_year: Integer | None = None
    organiser: Annotated[int, BeforeValidator(_whole), Field(ge=1, le=10)] | None = None
    grades: Count | None = None
    attestations: dict[str, Attestation] | None = None
    vetoes: dict[str, bool] | None = None
    township: str | None = None
    grade_pupils: dict[Grade, Count] | None = None

    def pupils_in(self, stage: str) -> int | None:
        """Return the pupils of *stage*: None when unknown, 0 when the school has no such classes."""
        given = getattr(self.pupils, stage)
        if given is not None:
            return given
        return None if stage in OWN_STAGES[self.kind] else 0

    def compulsory_pupils(self) -> int | None:
        """Return primary and junior pupils together, None when one of them is unknown."""
        counts = [self.pupils_in(stage) for stage in COMPULSORY]
        return None if None in counts else sum(count for count in counts if count is not None)

    def compulsory_stages(self) -> tuple[CompulsoryStage, ...]:
        """Return the compulsory stages in which the school has, or may have, pupils."""
        return tuple(stage for stage in COMPULSORY if self.pupils_in(stage) != 0)

    def classes_in(self, stage: str) -> list[int] | None:
        """Return the class sizes of *stage*; None when unknown, also for an empty list beside pupils."""
        sizes = getattr(self.class_sizes, stage, None) if self.class_sizes else None
        if sizes:
            return sizes
        return [] if self.pupils_in(stage) == 0 else None

    def staff_in(self, stage: str, figure: str) -> int | None:
        """Return a figure of the teachers of *stage*, None when unknown."""
        staff = getattr(self.teachers, stage, None) if self.teachers else None
        return getattr(staff, figure) if staff is not None else None


class SpecialEducation(Record):
    """Public funds of special education (G7)."""

    funds: Amount | None = None
    pupils: Count | None = None


class Pay(Record):
    """Mean yearly pay (G8)."""

    teacher_mean: Amount | None = None
    civil_servant_mean: Amount | None = None


class Rotation(Record):
    """Teachers who change schools (G11)."""

    eligible: Count | None = None
    due: Count | None = None
    rotated: Count | None = None
    rotated_backbone: Count | None = None


class SeniorPlaces(Record):
    """Places of good senior schools (G14)."""

    places: Count | None = None
    allotted: Count | None = None
    allotted_rural: Count | None = None


class MigrantChildren(Record):
    """Where eligible migrant children learn (G15)."""

    eligible: Count | None = None
    in_public: Count | None = None
    in_purchased_private: Count | None = None


class Retention(Record):
    """A junior cohort from entry to graduation (Q1)."""

    graduates: Count | None = None
    entrants: Count | None = None
    transferred_in: Count | None = None
    transferred_out: Count | None = None
    deaths: Count | None = None


class DisabledChildren(Record):
    """Disabled children of school age (Q2)."""

    children: Count | None = None
    enrolled: Count | None = None


class Labour(Record):
    """Labour education (Q7), hours a year."""

    practice_hours: Amount | None = None
    comprehensive_hours: Amount | None = None
    bases: Count | None = None
    teachers: Count | None = None


class Spending(Record):
    """General public budget spending on education in one year."""

    year: Integer | None = None
    total: Amount | None = None
    per_pupil: Amount | None = None


class Monitoring(Record):
    """The result of one subject in quality monitoring (Q9)."""

    subject: str
    stage: CompulsoryStage | None = None
    level: Annotated[int, BeforeValidator(_whole), Field(ge=1, le=4)]
    difference: Amount
    source: Literal["national", "provincial"] | None = None
    year: Integer | None = None


class Figures(Record):
    """County-level numbers."""

    special_education: SpecialEducation | None = None
    pay: Pay | None = None
    rotation: Rotation | None = None
    senior_places: SeniorPlaces | None = None
    migrant_children: MigrantChildren | None = None
    retention: Retention | None = None
    disabled_children: DisabledChildren | None = None
    labour: Labour | None = None
    funds_per_pupil: AmountByStage | None = None
    pupils_per_post: AmountByStage | None = None
    education_spending: list[Spending] | None = None
    monitoring: list[Monitoring] | None = None


class CompositeDifference(Record):
    """The certified composite coefficient of basic balance in one year."""

    year: Integer
    primary: Amount | None = None
    junior: Amount | None = None


class Eligibility(Record):
    """The facts of an application (申报条件)."""

    application_year: Integer | None = None
    basic_balance_year: Integer | None = None
    basic_indicators_missed: Count | None = None
    composite_difference: list[CompositeDifference] | None = None
    incident: bool | None = None
    outcry: bool | None = None


class Tally(Record):
    """Questionnaires, or people visited, of a recognition survey."""

    distributed: Count | None = None
    valid: Count | None = None
    satisfied: Count | None = None


class Groups(Record):
    """Questionnaires by respondent group."""

    parent: Tally | None = None
    student: Tally | None = None
    teacher: Tally | None = None
    principal: Tally | None = None
    deputy: Tally | None = None
    cppcc_member: Tally | None = None
    public: Tally | None = None


class Recognition(Record):
    """The recognition survey's result (表Ⅵ)."""

    questionnaires: Tally | None = None
    groups: Groups | None = None
    visits: Tally | None = None
    visited_parents: Tally | None = None
    topics: dict[str, Share] | None = None


class Stated(Record):
    """What the county itself published about an indicator; compared, never judged."""

    indicator: str
    stage: Literal["primary", "junior", "county"] | None = None
    value: Number | None = None
    met: bool | None = None
    source: str | None = None


class CountyFile(Record):
    """One county's schools and figures for one year."""

    format: Literal["county/1"]
    county: CountyName
    year: Integer
    schools: list[School]
    figures: Figures | None = None
    attestations: dict[str, Attestation] | None = None
    eligibility: Eligibility | None = None
    vetoes: dict[str, bool] | None = None
    scores: dict[str, Amount] | None = None
    recognition: Recognition | None = None
    totals: dict[str, AmountByStage] | None = None
    stated: list[Stated] | None = None

    def figure(self, path: str) -> Any:
        """Return what stands at a dotted *path*, e.g. ``figures.pay.teacher_mean``; None when unknown."""
        node: Any = self
        for key in path.split("."):
            node = node.get(key) if isinstance(node, Mapping) else getattr(node, key)
            if node is None:
                return None
        return node

    @property
    def application_year(self) -> int | None:
        """The year the county applies in, None when it does not say."""
        return self.eligibility.application_year if self.eligibility else None

    def to_document(self) -> dict[str, Any]:
        """Return the JSON document this file was read from, number for number."""
        return _plain(self.model_dump(exclude_unset=True))


def _plain(node: Any) -> Any:
    """Turn decimals back into the JSON numbers they came from."""
    if isinstance(node, dict):
        return {key: _plain(value) for key, value in node.items()}
    if isinstance(node, list):
        return [_plain(value) for value in node]
    if isinstance(node, Decimal):
        exponent = node.as_tuple().exponent
        return int(node) if isinstance(exponent, int) and exponent >= 0 else float(node)
    return node
