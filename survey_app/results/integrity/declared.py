"""What `integrity.toml` declares of the screening."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from survey_app.canonical import digest


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """A question whose answer schools register."""

    item: str
    groups: tuple[str, ...]
    #: Key of the school's attestations: the share of its people of whom `stated` is true.
    registered: str
    stated: str
    otherwise: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared:
    """How waves are screened."""

    fdr: float
    permutations: int
    verification_permutations: int
    least: int
    fast: tuple[str, ...]
    facts: tuple[Fact, ...]
    #: `places`, `invitations` and `days` of a verification sample.
    verification: Mapping[str, int]
    #: SHA-256 of the file.
    digest: str


@cache
def declared() -> Declared:
    """The declarations, read once."""
    text = (Path(__file__).parent / "integrity.toml").read_text("utf-8")
    read: dict[str, Any] = tomllib.loads(text)
    facts = tuple(Fact(groups=tuple(each.pop("groups")), **each) for each in read.pop("facts"))
    fast = tuple(read.pop("fast"))
    return Declared(fast=fast, facts=facts, digest=digest(text), **read)
