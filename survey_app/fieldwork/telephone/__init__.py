"""The telephone room: who is to be called, by whom and when, and what came of it. Never an answer."""

from survey_app.fieldwork.telephone.calling import dispositions

__all__ = ["dispositions"]
