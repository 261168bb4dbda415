"""Surveys: questionnaires as data, waves with their declared rules, sample plans and quota cells."""
