"""From the plan to the field: frame, draw, access codes, card sheets, entries and progress."""
