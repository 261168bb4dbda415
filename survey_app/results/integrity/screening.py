"""Screening a mixed wave: every test that can run, what could not and why, and the rate with and without.

The figures are computed once, from what the mixed answers keep, and frozen. Permutations come from a seed
that is made of the wave's number and county, so that anybody with the same answers finds the same figures.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from fractions import Fraction
from typing import Any

import numpy as np
import sqlalchemy as sa
from sqlalchemy.orm import Session

from sampling import integrity
from sampling.integrity import Evidence, Finding, Place
from sampling.integrity.evidence import untested
from sampling.integrity.wording import TESTS
from survey_app import audit
from survey_app.canonical import canonical, digest
from survey_app.errors import ConflictError
from survey_app.results.counting import demands
from survey_app.results.disclosure import may_show
from survey_app.results.integrity import pictures
from survey_app.results.integrity.declared import declared
from survey_app.results.integrity.sheets import (
    DURATION,
    Arrivals,
    GroupSheets,
    PoolKey,
    arrivals,
    group_sheets,
    pool_names,
    registered_shares,
)
from survey_app.results.judging import judge_responses
from survey_app.results.merging import SUMMED
from survey_app.results.models import MixedCell, Pool, WaveIntegrity
from survey_app.results.summing import Sums
from survey_app.surveys import service as surveys
from survey_app.surveys.groups import GROUPS
from survey_app.surveys.models import Wave, WaveState
from survey_app.surveys.rates import Count, count_by_group, official_rate

#: Who acts, in the audit trail.
ACTOR = "screen_wave"

LANGUAGES = ("zh", "en")

#: What is found in a place, before it is judged: the evidence, and where its answers stand.
_Found = list[tuple[Evidence, PoolKey | None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Compared:
    """A group of a verification sample beside the wave it checks; None where one of them has no answers."""

    group: str
    #: Pool of the sample → the place it shares with the first wave.
    here: Mapping[str, str]
    before: GroupSheets | None
    again: GroupSheets | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """Everything that findings on a mixed wave are computed from; it knows no database any more."""

    wave: Mapping[str, Any]
    scheme_id: str
    verifies: int | None
    rules: Any
    names: Mapping[PoolKey, str]
    groups: Sequence[GroupSheets]
    arrivals: Sequence[Arrivals]
    #: (item, group) → what the registry says of it; absent where it says nothing.
    registered: Mapping[tuple[str, str], Any]
    #: Groups whose answers are kept one by one.
    kept: frozenset[str]
    compared: Sequence[_Compared]
    #: Answers that count for the official rate, and those of which only a sum is kept.
    counted: Sequence[Any]
    summed: Sums


def screen_wave(
    session: Session, wave_id: int, *, now: datetime, pause: Callable[[], None] = lambda: None
) -> WaveIntegrity:
    """Compute and freeze the figures of integrity of a mixed wave; doing it again changes nothing.

    Args:
        session: where it is read and frozen; the caller commits.
        wave_id: the mixed wave.
        now: the present instant.
        pause: called between reading and computing, which takes a while: a job ends its transaction there,
            so that nobody waits for it. What a mixed wave holds does not change any more.

    Raises:
        ConflictError: the wave is not mixed yet.
    """
    known = session.get(WaveIntegrity, wave_id)
    if known is not None:
        return known
    material = read_material(session, _mixed(session, wave_id))
    pause()
    document = canonical(compute_integrity(material))
    wave = _mixed(session, wave_id)
    surveys.lock_wave(session, wave)
    known = session.get(WaveIntegrity, wave_id)
    if known is not None:
        return known
    made = WaveIntegrity(wave_id=wave_id, content=document, digest=digest(document), computed_at=now)
    session.add(made)
    session.flush()
    details = {"wave": wave_id, "integrity": made.digest}
    audit.record(session, "wave.screened", by=ACTOR, now=now, region=wave.county_code, details=details)
    return made


def _mixed(session: Session, wave_id: int) -> Wave:
    wave = surveys.get_wave(session, wave_id)
    if wave.state not in (WaveState.MIXED, WaveState.RELEASED):
        raise ConflictError("wave_not_mixed")
    return wave


def read_material(session: Session, wave: Wave) -> Material:
    """Read everything that findings on a mixed wave are computed from."""
    groups = list(group_sheets(session, wave))
    rules = surveys.rules_of(wave)
    cells = list(session.scalars(sa.select(MixedCell).where(MixedCell.wave_id == wave.id)))
    registered = {
        (fact.item, each.group): found
        for each in groups
        for fact in each.facts
        if (found := registered_shares(session, wave, fact, each.group))
    }
    first = surveys.get_wave(session, wave.verifies_wave_id) if wave.verifies_wave_id is not None else None
    return Material(
        wave={"id": wave.id, "title": wave.title, "county": wave.county_code},
        scheme_id=wave.scheme_id,
        verifies=wave.verifies_wave_id,
        rules=rules,
        names=pool_names(session, wave),
        groups=groups,
        arrivals=list(arrivals(session, wave)),
        registered=registered,
        kept=frozenset(cell.group for cell in cells if not cell.sums),
        compared=list(_compared(session, wave, first)) if first is not None else [],
        counted=[
            each
            for each in judge_responses(session, wave)
            if not each.surplus and (rules.posters == "counted" or not each.by_poster)
        ],
        summed=next((Sums.from_content(cell.sums) for cell in cells if cell.group == SUMMED), Sums()),
    )


def _compared(session: Session, wave: Wave, first: Wave) -> Iterator[_Compared]:
    for group, here, there in _common_places(session, wave, first):
        again = {each.group: each for each in group_sheets(session, wave, kept_in=here)}
        before = {each.group: each for each in group_sheets(session, first, kept_in=there)}
        yield _Compared(group=group, here=here, before=before.get(group), again=again.get(group))


def compute_integrity(material: Material) -> dict[str, Any]:
    """Compute every finding on a mixed wave from what its answers keep."""
    seed = digest(f"junheng integrity/{material.wave['county']}/{material.wave['id']}")
    made = _Screen(material, seed)
    for each in material.groups:
        made.look_at(each)
    for each in material.arrivals:
        made.look_at_arrivals(each)
    made.note_groups_without_schools({each.group for each in material.groups})
    for each in material.compared:
        made.compare(each)
    findings = made.judged()
    flagged = {tuple(each["pool"]) for each in findings if each["flagged"] and each["pool"]}
    return {
        "wave": dict(material.wave),
        "verifies": material.verifies,
        "seed": seed,
        "declared": {
            "digest": declared().digest,
            "fdr": str(declared().fdr),
            "least": declared().least,
            "permutations": declared().permutations,
        },
        "tests": made.tests(findings),
        "findings": findings,
        "not_run": made.not_run,
        "places": {
            "looked_at": len({tuple(each["pool"]) for each in findings if each["pool"]}),
            "flagged": len(flagged),
        },
        "rates": _rates(material, flagged),
    }


class _Screen:
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

    def compare(self, each: _Compared) -> None:
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


def _common_places(
    session: Session, wave: Wave, first: Wave
) -> list[tuple[str, dict[str, str], dict[str, str]]]:
    """Per group, pool -> place of the verification sample and of the first wave.

    Pools of either that share a school are one place, so that both are samples of the same people.
    """
    pools = {
        each.id: {
            (pool.group, pool.psu): pool.pool
            for pool in session.scalars(sa.select(Pool).where(Pool.wave_id == each.id))
            if pool.pool and pool.kept_as in ("", pool.group)
        }
        for each in (wave, first)
    }
    found = []
    for group in GROUPS:
        here = {psu: pool for (name, psu), pool in pools[wave.id].items() if name == group}
        there = {psu: pool for (name, psu), pool in pools[first.id].items() if name == group}
        places: dict[tuple[int, str], str] = {}
        for psu in sorted(here.keys() & there.keys()):
            ends = (0, here[psu]), (1, there[psu])
            known = {places.get(end, end[1]) for end in ends}
            one = min(known)
            places |= dict.fromkeys(ends, one)
            places = {end: one if name in known else name for end, name in places.items()}
        if places:
            found.append(
                (
                    group,
                    {pool: name for (side, pool), name in places.items() if side == 0},
                    {pool: name for (side, pool), name in places.items() if side == 1},
                )
            )
    return found


def _rates(material: Material, flagged: set[tuple[Any, ...]]) -> dict[str, Any]:
    """The official rate as it stands, and what it were without the answers of flagged places.

    A mean of the groups' rates stands without satisfied questionnaires: they are not what it is made of.
    """
    rules, bound = material.rules, demands(material.scheme_id).bound
    counted, summed = material.counted, material.summed

    def rate(some: Iterable[Any]) -> dict[str, Any] | None:
        counts = count_by_group(
            replace(each.judgement, group="~poster") if each.by_poster else each.judgement for each in some
        )
        if summed.n:
            counts[SUMMED] = summed.count
        total, found = sum(counts.values(), Count()), official_rate(counts, rules)
        if not may_show(total.valid) or found is None:
            return None
        return {
            "valid": total.valid,
            "satisfied": total.satisfied if rules.weighting == "pooled" else None,
            "rate": [found.numerator, found.denominator],
            "outcome": "met" if bound.holds(Fraction(found)) else "not_met",
        }

    kept = [each for each in counted if (each.group, each.stratum, each.pool) not in flagged]
    gone = sum(each.valid for each in counted) - sum(each.valid for each in kept)
    told = not flagged or may_show(gone)
    return {"with": rate(counted), "without": rate(kept) if told else None, "withheld": not told}
