"""Verification samples: people of flagged places, and of as many others, asked anew with fresh codes.

Which places are asked follows from the frozen findings, and who in them from a seed made of these findings:
nobody can choose. The others are asked so that a difference between the two samples can be held against what
asking twice does by itself.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey_app import audit
from survey_app.canonical import digest
from survey_app.errors import ConflictError
from survey_app.fieldwork.draws.asking_again import AskedList, draw_again, lists_asked
from survey_app.results.integrity.board import Board, board_of
from survey_app.results.integrity.declared import declared
from survey_app.results.integrity.sheets import PoolKey, pool_names
from survey_app.results.models import Pool
from survey_app.surveys import service as surveys
from survey_app.surveys.asking_again import plan_verification
from survey_app.surveys.models import Wave, WaveState

#: Strata of a verification sample. The names say nothing, since schools and the county read them.
FLAGGED, CONTROL = "1", "2"


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """The places of a verification sample, each with what it is called."""

    flagged: Mapping[PoolKey, str]
    controls: Mapping[PoolKey, str]
    #: List -> people to be asked, and the stratum it stands in.
    asked: Mapping[AskedList, int]
    strata: Mapping[AskedList, str]

    @property
    def invitations(self) -> dict[str, int]:
        """Group -> people to be asked."""
        found: dict[str, int] = {}
        for each, n in self.asked.items():
            found[each.group] = found.get(each.group, 0) + n
        return found


def samples_of(session: Session, wave: Wave) -> list[Wave]:
    """The verification samples of *wave*, the newest first."""
    query = sa.select(Wave).where(Wave.verifies_wave_id == wave.id).order_by(Wave.id.desc())
    return list(session.scalars(query))


def under_way(session: Session, wave: Wave) -> bool:
    """Whether a sample of *wave* is neither mixed nor called off: another one waits for it."""
    over = (WaveState.MIXED, WaveState.RELEASED, WaveState.ABORTED)
    return any(each.state not in over for each in samples_of(session, wave))


def choose_places(session: Session, wave: Wave) -> Chosen:
    """The flagged places of *wave*, strongest first, and as many that are not, of the same groups.

    Raises:
        ConflictError: the findings are not computed yet, no place is flagged, the wave was drawn without a
            frame that people can be asked from, or it checks another wave itself.
    """
    if wave.verifies_wave_id is not None:
        raise ConflictError("verifies_already")
    if wave.state not in (WaveState.MIXED, WaveState.RELEASED):
        raise ConflictError("wave_not_mixed")
    found = board_of(session, wave)
    if found is None:
        raise ConflictError("not_screened")
    names = pool_names(session, wave)
    half = declared().verification["places"] // 2
    flagged = [key for key in _flagged(found) if key in names]
    if not flagged:
        raise ConflictError("nothing_flagged")
    controls: list[PoolKey] = []
    for key in flagged[:half]:
        control = _control(found, key, [each for each in names if each not in [*flagged, *controls]])
        if control is not None:
            controls.append(control)
    lists = _lists(session, wave)
    asked: dict[AskedList, int] = {}
    strata: dict[AskedList, str] = {}
    for stratum, keys in ((FLAGGED, flagged[:half]), (CONTROL, controls)):
        for key in keys:
            own = _shared(lists.get(key, []), declared().verification["invitations"])
            asked |= own
            strata |= dict.fromkeys(own, stratum)
    return Chosen(
        flagged={key: names[key] for key in flagged[:half]},
        controls={key: names[key] for key in controls},
        asked=asked,
        strata=strata,
    )


def make_sample(
    session: Session,
    wave: Wave,
    *,
    opens_at: datetime,
    closes_at: datetime,
    code_key: bytes,
    by: str,
    now: datetime,
) -> Wave:
    """Draw a verification sample of *wave* as a wave of its own: same questionnaires and rules, fresh codes.

    Raises:
        ConflictError: as for `choose_places`, or a sample of it is under way.
        RefusedInputError: days that cannot be.
    """
    surveys.lock_wave(session, wave)
    before = samples_of(session, wave)
    if under_way(session, wave):
        raise ConflictError("sample_under_way")
    chosen = choose_places(session, wave)
    number = len(before) + 1
    made = plan_verification(
        session,
        wave,
        title=_title(wave.title, number),
        opens_at=opens_at,
        closes_at=closes_at,
        invitations=chosen.invitations,
        by=by,
        now=now,
    )
    found = board_of(session, wave)
    seed = digest(f"junheng verification/{found.digest if found else ''}/{number}")
    draw_again(session, made, wave, chosen.asked, chosen.strata, seed=seed, code_key=code_key, by=by, now=now)
    return made


def tell(session: Session, sample: Wave, *, by: str, now: datetime) -> None:
    """Tell the county of a sample that checks it; from now on it sees where people are asked again.

    Raises:
        ConflictError: the wave checks nothing, or the county was told before.
    """
    surveys.lock_wave(session, sample)
    if sample.verifies_wave_id is None:
        raise ConflictError("verifies_nothing")
    if sample.told_at is not None:
        raise ConflictError("verification_told_before")
    sample.told_at, sample.told_by = now, by
    session.flush()
    details = {"wave": sample.id, "verifies": sample.verifies_wave_id}
    audit.record(
        session, "wave.verification_told", by=by, now=now, region=sample.county_code, details=details
    )


def _title(title: str, number: int) -> str:
    ending = f"（核查样本{number}）"
    return f"{title[: 128 - len(ending)]}{ending}"


def _flagged(found: Board) -> list[PoolKey]:
    """The flagged places, each once, in the order of their strongest flag."""
    keys = [_key(flag.finding["pool"]) for flag in found.flags if flag.finding["pool"]]
    return list(dict.fromkeys(keys))


def _key(stored: Any) -> PoolKey:
    group, stratum, pool = stored
    return group, stratum, pool


def _control(found: Board, key: PoolKey, others: list[PoolKey]) -> PoolKey | None:
    """A place of the same group, of the same stratum if it has another; the findings' digest says which."""
    own = [each for each in others if each[0] == key[0]]
    near = [each for each in own if each[1] == key[1]] or own
    return min(near, key=lambda each: digest(f"{found.digest}/{'/'.join(each)}"), default=None)


def _lists(session: Session, wave: Wave) -> dict[PoolKey, list[AskedList]]:
    """The lists of each place."""
    pools = {
        (pool.group, pool.psu): (pool.kept_as or pool.group, pool.stratum, pool.pool)
        for pool in session.scalars(sa.select(Pool).where(Pool.wave_id == wave.id))
        if pool.pool
    }
    found: dict[PoolKey, list[AskedList]] = {}
    for each in lists_asked(session, wave):
        if (each.group, each.psu) in pools:
            found.setdefault(pools[each.group, each.psu], []).append(each)
    return found


def _shared(lists: list[AskedList], wanted: int) -> dict[AskedList, int]:
    """Share *wanted* people among the lists of a place, the longest first, as many as they hold."""
    left, shared = min(wanted, sum(each.size for each in lists)), dict.fromkeys(lists, 0)
    while left:
        open_ = [each for each in lists if shared[each] < each.size]
        emptiest = min(open_, key=lambda each: (shared[each] / each.size, each.unit))
        shared[emptiest] += 1
        left -= 1
    return {each: n for each, n in shared.items() if n}
