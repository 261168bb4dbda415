"""A scheme: what one official document demands, as typed data.

Every threshold, scope, exemption and formula name that the judgement uses stands here; the Python code
holds none of them. :func:`evaluation.loader.load_scheme` makes a :class:`Scheme` from its folder. As the
folder has a file for each part of the document, this package has a module for the data of each.
"""

from collections.abc import Iterator

from pydantic import Field

from evaluation.scheme.exemptions import Exemption
from evaluation.scheme.head import Head, SampleRule
from evaluation.scheme.items import Item, Section
from evaluation.scheme.resources import Indicator, Resources
from evaluation.scheme.scoring import SCORING, Scoring
from evaluation.scheme.units import Units
from evaluation.terms import Data, Text


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
