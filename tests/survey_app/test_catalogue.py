"""Every Chinese sentence of the interface has an English one that keeps its placeholders."""

import re
from functools import cache
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

ROOT = Path(__file__).resolve().parents[2] / "survey_app"
KEYWORDS = {"_": None, "_l": None, "gettext": None, "lazy_gettext": None, "ngettext": (1, 2)}
METHODS = [("**.py", "python"), ("templates/**.html", "jinja2")]
HAN = re.compile("[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]")  # with full-width punctuation
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|\{\w*[^{}]*\}")


@cache
def said() -> dict[str, str]:
    """Every message of the source with the place where it is said."""
    found = extract_from_dir(ROOT, METHODS, keywords=KEYWORDS)
    messages = {}
    for file, line, message, *_ in found:
        for text in message if isinstance(message, tuple) else (message,):
            if text:
                messages.setdefault(text, f"{file}:{line}")
    return messages


@cache
def english() -> dict[str, str]:
    with (ROOT / "translations" / "en" / "LC_MESSAGES" / "messages.po").open("rb") as file:
        catalogue = read_po(file, "en")
    return {entry.id: entry.string for entry in catalogue if entry.id and not entry.fuzzy}


def test_messages_are_found_at_all():
    assert len(said()) > 100


def test_every_message_has_an_english_translation():
    missing = {text: place for text, place in said().items() if not english().get(text)}
    assert not missing, f"{len(missing)} without English, e.g. {list(missing.items())[:5]}"


def test_translations_keep_every_placeholder():
    wrong = [
        text
        for text, translated in english().items()
        if isinstance(text, str)
        and sorted(PLACEHOLDER.findall(text)) != sorted(PLACEHOLDER.findall(translated))
    ]
    assert not wrong


def test_what_templates_say_can_be_filled():
    """Templates fill every message with ``%``, so a single percent sign would break the page."""
    for text, place in said().items():
        if place.startswith("templates"):
            facts = dict.fromkeys(re.findall(r"%\((\w+)\)", text), 1)
            assert text % facts, place
            assert english()[text] % facts, place


def test_no_translation_is_left_over_or_still_chinese():
    assert not set(english()) - set(said())
    assert not [text for text, translated in english().items() if HAN.search(translated)]


@pytest.mark.parametrize("template", sorted(ROOT.glob("templates/**/*.html")), ids=lambda path: path.name)
def test_templates_say_nothing_past_the_catalogue(template):
    text = template.read_text("utf-8")
    text = re.sub(r"\{#.*?#\}", "", text, flags=re.S)
    outside = re.sub(r"\{\{.*?\}\}|\{%.*?%\}", "", text, flags=re.S)
    left = [line.strip() for line in outside.splitlines() if HAN.search(line)]
    assert not left, left
