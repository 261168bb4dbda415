"""The board of a wave's integrity: frozen findings, what people found out about each flag, and pictures."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from itertools import pairwise
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey_app import audit
from survey_app.errors import ConflictError, NotFoundError
from survey_app.results.models import FlagReview, WaveIntegrity
from survey_app.surveys.models import Wave

#: What a review can say of a flag.
DECISIONS = ("checking", "explained", "confirmed")

#: Width and height of a picture, and the room around its bars, in its own units.
WIDTH, HEIGHT = 360, 150
_SIDE, _TOP, _FOOT = 10, 24, 22

#: Bars with less than this share are left off the ends of a picture.
_SLIGHT = 0.0005


@dataclass(frozen=True, slots=True, kw_only=True)
class Flag:
    """A flagged finding with its reviews, the newest first."""

    finding: Mapping[str, Any]
    reviews: tuple[FlagReview, ...]

    @property
    def decision(self) -> str:
        """What the last review says; empty where nobody looked yet."""
        return self.reviews[0].decision if self.reviews else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """What is known of the integrity of a wave."""

    content: Mapping[str, Any]
    digest: str
    computed_at: datetime
    flags: tuple[Flag, ...]

    @property
    def rates(self) -> Mapping[str, Any]:
        """The official rate as it stands and without flagged places, fractions exact."""
        told = dict(self.content["rates"])
        for name in ("with", "without"):
            if told[name] is not None:
                told[name] = {**told[name], "rate": Fraction(*told[name]["rate"])}
        return told

    def flag(self, key: str) -> Flag:
        """The flag with this key.

        Raises:
            NotFoundError: there is none.
        """
        for flag in self.flags:
            if flag.finding["key"] == key:
                return flag
        raise NotFoundError


def unscreened(session: Session) -> list[int]:
    """The mixed waves whose findings are not computed yet."""
    done = sa.select(WaveIntegrity.wave_id)
    return list(session.scalars(sa.select(Wave.id).where(Wave.mixed_at.is_not(None), Wave.id.not_in(done))))


def board_of(session: Session, wave: Wave) -> Board | None:
    """The findings of *wave*; None before they are computed."""
    stored = session.get(WaveIntegrity, wave.id)
    if stored is None:
        return None
    content = json.loads(stored.content)
    reviews: dict[str, list[FlagReview]] = {}
    query = sa.select(FlagReview).where(FlagReview.wave_id == wave.id).order_by(FlagReview.id.desc())
    for review in session.scalars(query):
        reviews.setdefault(review.flag, []).append(review)
    flags = tuple(
        Flag(finding=each, reviews=tuple(reviews.get(each["key"], ())))
        for each in content["findings"]
        if each["flagged"]
    )
    return Board(content=content, digest=stored.digest, computed_at=stored.computed_at, flags=flags)


def review_flag(
    session: Session, wave: Wave, key: str, *, decision: str, note: str, by: str, now: datetime
) -> FlagReview:
    """Write down what somebody found out about a flag. It deletes nothing and changes no rate.

    Raises:
        ConflictError: the findings of the wave are not computed yet.
        NotFoundError: the wave has no such flag.
    """
    found = board_of(session, wave)
    if found is None:
        raise ConflictError("not_screened")
    found.flag(key)
    made = FlagReview(wave_id=wave.id, flag=key, decision=decision, note=note, made_at=now, made_by=by)
    session.add(made)
    session.flush()
    audit.record(
        session,
        "flag.reviewed",
        by=by,
        now=now,
        region=wave.county_code,
        details={"wave": wave.id, "flag": key, "decision": decision},
    )
    return made


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One value under the null model and how often it comes about."""

    value: float
    share: float
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A null distribution as bars, with the figure that was found as a line."""

    unit: str
    bars: tuple[Bar, ...]
    observed: float
    observed_x: float
    #: On which side of the line its words stand.
    anchor: str
    lowest: float
    highest: float
    width: int = WIDTH
    height: int = HEIGHT
    foot: int = HEIGHT - _FOOT
    left: int = _SIDE
    right: int = WIDTH - _SIDE


def picture_of(stored: Mapping[str, Any] | None) -> Picture | None:
    """Lay out a stored null distribution; None where there is none.

    >>> picture_of({"unit": "pairs", "bars": [[0, 0.9], [1, 0.1]], "observed": 6}).highest
    6
    """
    if not stored:
        return None
    bars = _telling(stored["bars"])
    observed = stored["observed"]
    values = [at for at, _ in bars]
    step = min((b - a for a, b in pairwise(values)), default=1) or 1
    lowest, highest = min(*values, observed), max(*values, observed)
    scale = (WIDTH - 2 * _SIDE) / (highest - lowest + step)
    most = max(share for _, share in bars) or 1
    room = HEIGHT - _TOP - _FOOT

    def x(value: float) -> float:
        return round(_SIDE + (value - lowest + step / 2) * scale, 1)

    middle = x(observed)
    return Picture(
        unit=stored["unit"],
        bars=tuple(
            Bar(
                value=at,
                share=share,
                x=round(x(at) - 0.45 * step * scale, 1),
                width=round(0.9 * step * scale, 1),
                y=round(HEIGHT - _FOOT - room * share / most, 1),
                height=round(room * share / most, 1),
            )
            for at, share in bars
        ),
        observed=observed,
        observed_x=middle,
        anchor="end" if middle > WIDTH * 0.6 else "start" if middle < WIDTH * 0.4 else "middle",
        lowest=lowest,
        highest=highest,
    )


def _telling(bars: Sequence[Sequence[float]]) -> list[tuple[float, float]]:
    """The bars without those at the ends that cannot be seen."""
    seen = [place for place, (_, share) in enumerate(bars) if share >= _SLIGHT]
    if not seen:
        return [(at, share) for at, share in bars]
    return [(at, share) for at, share in bars[seen[0] : seen[-1] + 1]]
