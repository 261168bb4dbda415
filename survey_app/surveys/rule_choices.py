"""The rules a wave can choose from, each in plain words with what follows from it."""

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from survey_app.surveys.bilingual import Text
from survey_app.surveys.rules import (
    DONT_KNOW_VALUE,
    POSTERS,
    SATISFACTION,
    VALIDITY,
    WEIGHTINGS,
    rule_words,
)

#: Concern → the names of its rules, in the order they are offered.
CHOICES: Mapping[str, tuple[str, ...]] = {
    "validity": tuple(VALIDITY),
    "satisfaction": tuple(SATISFACTION),
    "dont_know": tuple(DONT_KNOW_VALUE),
    "weighting": WEIGHTINGS,
    "posters": POSTERS,
}

#: Stands in a sentence for the number that its own field asks for.
_OPEN = {"limit": "…", "level": "…", "source": ""}


def choice_words(concern: str, name: str) -> Text:
    """The rule *name* in one sentence, its numbers left open."""
    return rule_words(concern, name, **_OPEN)


def consequence(concern: str, name: str) -> Text:
    """What follows from the rule *name*."""
    words = _consequences()[concern][name]
    return Text(zh=words["zh"], en=words["en"])


@cache
def _consequences() -> Mapping[str, Any]:
    return tomllib.loads((Path(__file__).parent / "rule_consequences.toml").read_text(encoding="utf-8"))
