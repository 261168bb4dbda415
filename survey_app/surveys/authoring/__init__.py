"""Questionnaires of our own: written as drafts, published as numbered versions, chosen by waves."""

from survey_app.surveys.authoring.choices import Choice, available, choose, chosen

__all__ = ["Choice", "available", "choose", "chosen"]
