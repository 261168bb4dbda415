"""All counties of a region side by side."""
