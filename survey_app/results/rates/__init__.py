"""A wave's rate, cut in every way that is shown: by group, place, way and question, and read otherwise."""
