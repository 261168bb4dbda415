"""Counties: the region tree, schools and figures, and the workbook they travel in."""
