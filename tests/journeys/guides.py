"""The guides in ``docs``: whose pages each speaks of, which walk makes its pictures, and what holds of both.

A new guide needs a line in `GUIDES` and a walk whose last tests ask what those of the other walks ask.
"""

import re
import struct
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.journeys.pictures import SIGNATURE, with_few_colours
from tests.journeys.world import World

DOCS = Path(__file__).resolve().parents[2] / "docs"
PICTURES = DOCS / "pictures"

#: Bounds that keep a guide quick to open: bytes of one picture, of a guide's all; pixels; pictures.
ONE, ALL, WIDEST, MOST = 60_000, 600_000, 1000, 14


@dataclass(frozen=True, slots=True, kw_only=True)
class Guide:
    """A guide with pictures."""

    #: The module that walks its pages.
    walk: str
    #: The people whose pages it speaks of.
    people: frozenset[str]


GUIDES = {
    "county-office.md": Guide(walk="test_guide", people=frozenset({"clerk", "city", "admin"})),
    "school-coordinator.md": Guide(walk="test_guide", people=frozenset({"school"})),
    "interviewer.md": Guide(walk="test_guide", people=frozenset({"interviewer"})),
    "assessor.md": Guide(
        walk="test_assessors", people=frozenset({"clerk", "city", "expert", "province", "nation"})
    ),
    "province.md": Guide(walk="test_province", people=frozenset({"province", "city"})),
}


def guides_of(module: str) -> list[str]:
    """The guides whose pages a module walks; *module* is its ``__name__``."""
    return [guide for guide, each in GUIDES.items() if each.walk == module.rpartition(".")[2]]


def text(guide: str) -> str:
    """What a guide says."""
    return (DOCS / guide).read_text("utf-8")


def shown_in(guide: str) -> list[str]:
    """The names of the pictures that a guide shows, in its order."""
    return re.findall(r"!\[[^]]+\]\(pictures/([a-z-]+)\.png\)", text(guide))


def keep(world: World, request: pytest.FixtureRequest) -> None:
    """Write the pictures that a walk took into ``docs``, where ``--pictures`` asks for it."""
    assert world.pictures
    if not request.config.getoption("--pictures"):
        return
    blank = world.browser.new_page()
    PICTURES.mkdir(exist_ok=True)
    for name, png in world.pictures.items():
        (PICTURES / f"{name}.png").write_bytes(with_few_colours(blank, png))
    blank.close()


def check_shown(world: World, guides: Iterable[str]) -> None:
    """The guides show every picture that their walk took and no other one."""
    assert sorted(each for guide in guides for each in shown_in(guide)) == sorted(world.pictures)


def check_sizes(world: World, guides: Iterable[str]) -> None:
    """The pictures are as wide as the pages walked, and each guide is quick to open."""
    for guide in guides:
        stored = {name: (PICTURES / f"{name}.png").read_bytes() for name in shown_in(guide)}
        for name, png in stored.items():
            assert png.startswith(SIGNATURE)
            width = struct.unpack(">I", png[16:20])[0]
            assert width == struct.unpack(">I", world.pictures[name][16:20])[0] <= WIDEST, name
            assert len(png) <= ONE, name
        assert len(stored) <= MOST, guide
        assert sum(map(len, stored.values())) <= ALL, guide


def check_named(world: World, guide: str) -> None:
    """Everything a guide names in 【】 is on the pages of its people."""
    people = GUIDES[guide].people
    seen = set().union(world.seen["visitor"], *(world.seen[who] for who in people))
    # A heading goes on with the wave's title and state; a step of the five begins with its number.
    heads = {re.split(" · | |：", re.sub(r"^\d ", "", each))[0] for each in seen}
    named = re.findall(r"【([^】]+)】", text(guide))
    assert len(named) > 3
    missing = sorted(set(named) - seen - heads)
    assert not missing, missing
