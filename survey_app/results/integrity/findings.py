"""The findings on a wave: which tests its answers allow, what each found where, and in which words."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from sampling import integrity
from sampling.integrity import Evidence, Finding, Place
from sampling.integrity.evidence import untested
from sampling.integrity.wording import TESTS
from survey_app.canonical import canonical, digest
from survey_app.results.integrity import pictures
from survey_app.results.integrity.declared import declared
from survey_app.results.integrity.material import Compared, Material
from survey_app.results.integrity.sheets import DURATION, Arrivals, GroupSheets, PoolKey
from survey_app.surveys.groups import GROUPS

LANGUAGES = ("zh", "en")


class Findings:
    """One wave's evidence as it comes together."""

    def __init__(self, material: Material, seed: str):
        self._material, self._seed = material, seed
        self._names = material.names
        #: (group, evidence as it was found, pool or None, name by language, picture or None)
        self._found: list[dict[str, Any]] = []
        self.not_run: list[dict[str, Any]] = []

    def look_at(self, each: GroupSheets) -> None:
        """Run every test that the answers of a group allow."""
        sheets, number = each.sheets, declared().permutations
        self._add(each, integrity.likeness(sheets, rng=self._rng("likeness", each.group), number=number))
        found = integrity.uniformity(sheets, rng=self._rng("uniformity", each.group), number=number)
        self._add(each, found)
        self._add(each, integrity.ceiling(sheets))
        if each.reversed_items:
            self._add(each, integrity.straight_lining(sheets))
        else:
            self._leave_out("straight_lining", each.group, "no_reversed_items")
        if each.timed:
            fast = declared().fast
            self._add(each, integrity.speed(sheets, duration=DURATION, fast=fast))
        else:
            self._leave_out("speed", each.group, "duration_not_kept")
        self._look_at_facts(each)

    def _look_at_facts(self, each: GroupSheets) -> None:
        if not each.facts:
            self._leave_out("facts", each.group, "no_facts")
        for fact in each.facts:
            registry = self._material.registered.get((fact.item, each.group))
            if registry:
                self._add(each, integrity.contradicted_facts(each.sheets, item=fact.item, registry=registry))
            else:
                self._leave_out("facts", each.group, "not_registered")

    def look_at_arrivals(self, each: Arrivals) -> None:
        """Look for batches of one group that came in all at once."""
        evidence = integrity.bursts(each.columns, batch="batch", bucket="bucket", n="n")
        for one in evidence:
            batch = one.place.school
            name = each.names.get(batch, "") if batch is not None else ""
            self._keep(each.group, one, each.pools.get(batch), name, evidence)

    def note_groups_without_schools(self, seen: set[str]) -> None:
        """Say of the groups that keep no school that their answers could not be compared by school."""
        for group in GROUPS:
            if group in self._material.kept - seen:
                self._leave_out("", group, "no_schools")

    def compare(self, each: Compared) -> None:
        """Compare a group of this verification sample with the answers of the wave it checks."""
        if each.before is None or each.again is None:
            self._leave_out("verification", each.group, "nothing_to_compare")
        else:
            self._compare(each.group, each.before, each.again, each.here)

    def _compare(self, group: str, before: GroupSheets, again: GroupSheets, here: Mapping[str, str]) -> None:
        number = declared().verification_permutations
        evidence = integrity.verification(
            before.sheets, again.sheets, rng=self._rng("verification", group), number=number
        )
        by_place: dict[str, list[PoolKey]] = {}
        for key in self._names:
            if key[0] == group and key[2] in here:
                by_place.setdefault(here[key[2]], []).append(key)
        for one in evidence:
            keys = by_place.get(str(one.place.school), [])
            name = "、".join(self._names[key] for key in keys)
            picture = None
            if one.p is not None and one.place.school is not None:
                picture = pictures.differences(
                    one, before.sheets, again.sheets, rng=self._rng("picture", group), number=number
                )
            self._keep(group, one, keys[0] if keys else None, name, evidence, picture)

    def _add(self, each: GroupSheets, evidence: Sequence[Evidence]) -> None:
        for one in evidence:
            pool = None
            if one.place.school is not None:
                pool = (each.group, str(one.place.stratum), str(one.place.school))
            picture = None
            if one.test == "uniformity" and one.p is not None and one.place.stratum is not None:
                rng = self._rng("picture", each.group)
                picture = pictures.variance_ratio(one, each.sheets, rng=rng, number=declared().permutations)
            self._keep(each.group, one, pool, self._names.get(pool, "") if pool else "", evidence, picture)

    def _keep(
        self,
        group: str,
        evidence: Evidence,
        pool: PoolKey | None,
        name: str,
        alike: Sequence[Evidence],
        picture: pictures.Null | None = None,
    ) -> None:
        tested = [each for each in alike if each.test == evidence.test and each.p is not None]
        tested = [each for each in tested if each.place.school is not None]
        self._found.append(
            {
                "group": group,
                "evidence": evidence,
                "shown": _enough(evidence),
                "pool": pool,
                "name": name,
                "alike": tested,
                "picture": picture,
            }
        )

    def _leave_out(self, test: str, group: str, reason: str) -> None:
        self.not_run.append({"test": test, "group": group, "reason": reason})

    def judged(self) -> list[dict[str, Any]]:
        """Every finding as it is stored, the strongest first; flags come with a picture of their null."""
        by_id = {id(each["shown"]): each for each in self._found}
        screening = integrity.control((each["shown"] for each in self._found), fdr=declared().fdr)
        return [self._document(finding, by_id[id(finding.evidence)]) for finding in screening.findings]

    def _document(self, finding: Finding, kept: Mapping[str, Any]) -> dict[str, Any]:
        evidence, group = finding.evidence, kept["group"]
        place = evidence.place
        level = "place" if place.school is not None else "stratum" if place.stratum is not None else "county"
        named = {lang: _named(place, group, kept["name"], lang) for lang in LANGUAGES}
        texts = {
            lang: replace(finding, evidence=replace(evidence, place=named[lang])).sentence(lang)
            for lang in LANGUAGES
        }
        picture = kept["picture"]
        if picture is None and finding.flagged and level == "place":
            picture = pictures.DRAWN[evidence.test](kept["evidence"], kept["alike"])
        return {
            "key": _key(evidence, group),
            "test": evidence.test,
            "group": group,
            "level": level,
            "place": {lang: _words(named[lang], lang) for lang in LANGUAGES},
            "pool": list(kept["pool"]) if kept["pool"] else None,
            "n": evidence.n if evidence.reason != "few" else None,
            "statistic": _plain(evidence.statistic),
            "expected": _plain(evidence.expected),
            "p": _plain(evidence.p),
            "q": _plain(finding.q),
            "effect": _plain(evidence.effect),
            "reason": evidence.reason,
            "flagged": finding.flagged,
            "text": texts,
            "picture": picture.document() if picture is not None and finding.flagged else None,
        }

    def tests(self, findings: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """Each test that ran, by group: its null model, and how many places it looked at and flagged."""
        rows: dict[tuple[str, str], dict[str, Any]] = {}
        for each in findings:
            words = TESTS[each["test"]]
            row = rows.setdefault(
                (each["test"], each["group"]),
                {
                    "test": each["test"],
                    "group": each["group"],
                    "label": dict(words.label),
                    "null": dict(words.null),
                    "tested": 0,
                    "untested": 0,
                    "flagged": 0,
                },
            )
            row["tested" if each["p"] is not None else "untested"] += 1
            row["flagged"] += each["flagged"]
        order = list(TESTS), list(GROUPS)
        return [
            rows[key]
            for key in sorted(rows, key=lambda key: (order[0].index(key[0]), order[1].index(key[1])))
        ]

    def _rng(self, test: str, group: str) -> np.random.Generator:
        return np.random.default_rng(int(digest(f"{self._seed}/{test}/{group}")[:16], 16))


def _enough(evidence: Evidence) -> Evidence:
    """The evidence, unless it rests on so few answers that nothing may be told of them."""
    if evidence.p is None or evidence.test == "bursts" or evidence.n >= declared().least:
        return evidence
    return untested(evidence.test, evidence.place, evidence.n, "few")


def _named(place: Place, group: str, name: str, lang: str) -> Place:
    """The place as sentences call it: the schools and the group, or the stratum and the group."""
    label = GROUPS[group].label.in_language(lang)
    between = "的" if lang == "zh" else ", "
    if place.school is not None:
        return Place(stratum=place.stratum, school=f"{name or place.school}{between}{label}")
    if place.stratum is not None:
        return Place(stratum=f"{place.stratum}{between}{label}")
    return Place(school={"zh": f"全县{label}", "en": f"The county, {label}"}[lang])


def _words(place: Place, lang: str) -> str:
    if place.school is not None:
        return str(place.school)
    return {"zh": f"{place.stratum}层", "en": f"Stratum {place.stratum}"}[lang]


def _key(evidence: Evidence, group: str) -> str:
    """The name of a finding: the same in every computation of the wave."""
    place = evidence.place
    where = [group, place.stratum, place.school, evidence.facts.get("item")]
    return f"{evidence.test}-{digest(canonical(where))[:16]}"


def _plain(value: float | None) -> float | None:
    """A figure as JSON holds it; what is infinite is not."""
    return None if value is None or not np.isfinite(value) else round(float(value), 10)
