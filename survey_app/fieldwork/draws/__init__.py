"""The draw of a wave: sample, reserve and replacements, with the record by which anybody repeats it."""
