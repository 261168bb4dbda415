"""The schedule of recognition: which county is due when, and the pace against it."""
