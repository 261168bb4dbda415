"""Codes that many use: of classes, villages and posters, printed or on a proctor's screen."""
