"""The small form the tests of this room share, and its text to break."""

from pathlib import Path

from survey_app.surveys.questionnaire_loader import parse_questionnaire

SMALL_TEXT = (Path(__file__).parent / "small.toml").read_text(encoding="utf-8")
SMALL = parse_questionnaire(SMALL_TEXT, file="small.toml")

#: A form with every kind of item, and its text.
KINDS_TEXT = (Path(__file__).parent / "kinds.toml").read_text(encoding="utf-8")
EVERY_KIND = parse_questionnaire(KINDS_TEXT, file="kinds.toml")
