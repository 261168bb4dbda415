"""What goes with the cards: the letter to parents, the page for proctors, posters and class sheets."""

from collections.abc import Sequence
from typing import Any

from survey_app import qr
from survey_app.config import Settings
from survey_app.fieldwork.materials.cards import card_address
from survey_app.fieldwork.materials.words import facts_of, words
from survey_app.fieldwork.models import EntryPoint
from survey_app.fieldwork.open_entries.points import code_of
from survey_app.formatting import deadline, in_fours
from survey_app.surveys.groups import GROUPS
from survey_app.surveys.models import Wave

#: Wordings that are set large.
_LARGE = {"plain"}


def letter(wave: Wave, *, wording: str, own_words: Sequence[str], public_url: str) -> dict[str, Any]:
    """The letter to parents, as the template takes it; *own_words* are the county's, a paragraph each."""
    chosen, facts = words().letters[wording], facts_of(wave, public_url)
    return _document(
        chosen.title,
        letters=[
            {
                "title": chosen.title,
                "greeting": chosen.greeting,
                "paragraphs": [*(text.format(**facts) for text in chosen.paragraphs), *own_words],
                "signature": [f"{wave.county.name}教育局"],
                "large": wording in _LARGE,
                "footer": f"{wave.county.name} · {wave.title}",
            }
        ],
    )


def proctor(wave: Wave, *, public_url: str) -> dict[str, Any]:
    """The page for whoever hands out cards or lets a class answer, as the template takes it."""
    said, facts = words().proctor, facts_of(wave, public_url)
    return _document(
        said.title,
        proctors=[
            {
                "title": said.title,
                "lead": said.lead.format(**facts),
                "parts": [
                    {"heading": part.heading, "steps": [step.format(**facts) for step in part.steps]}
                    for part in said.parts
                ],
                "footer": f"{wave.county.name} · {wave.title}",
            }
        ],
    )


def posters(
    wave: Wave, points: Sequence[EntryPoint], *, settings: Settings, paper: str = "a4"
) -> dict[str, Any]:
    """A sheet with a big code for each open entry of *points*, on a4 or a3, as the template takes it."""
    return _document(
        f"{wave.county.name} {wave.title} 张贴码",
        posters=[_poster(wave, point, settings) for point in points],
        paper=paper,
    )


def printable(points: Sequence[EntryPoint], kind: str) -> list[EntryPoint]:
    """The open entries of a kind whose code may stand on paper: neither revoked nor on a screen alone."""
    return [one for one in points if one.kind == kind and one.revoked_at is None and not one.rotates_every]


def _poster(wave: Wave, point: EntryPoint, settings: Settings) -> dict[str, Any]:
    said, code = words().poster, code_of(point, settings.code_key)
    facts = facts_of(wave, settings.public_url)
    group = GROUPS[point.quota_cell.group].label.zh
    return {
        "title": f"{wave.county.name} {wave.title}",
        "invitation": said.invitation if point.kind == "poster" else said.class_invitation,
        "place": f"{group} · {point.place}",
        "qr": qr.picture(card_address(settings.public_url, code)),
        "typed": in_fours(code.typed),
        "address": f"也可以打开 {facts['address']} 输入此码：",
        "lines": [
            f"{deadline(wave.closes_at)}截止",
            *(line.format(**facts) for line in said.lines),
            f"咨询：{wave.contact}　反映问题：{wave.pressure_contact}",
        ],
        "footer": f"{wave.county.name} · {wave.title} · 张贴码 {point.number}",
    }


def _document(title: str, **parts: Any) -> dict[str, Any]:
    return {"title": title, "letters": [], "proctors": [], "posters": [], "paper": "a4"} | parts
