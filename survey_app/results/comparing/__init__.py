"""Waves beside one another: last year's of the same county, and those of the city's other counties."""
