"""The small form the tests of this room share, and its text to break."""

from pathlib import Path

from survey_app.surveys.questionnaire_loader import parse_questionnaire

SMALL_TEXT = (Path(__file__).parent / "small.toml").read_text(encoding="utf-8")
SMALL = parse_questionnaire(SMALL_TEXT, file="small.toml")
