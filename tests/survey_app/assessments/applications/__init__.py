"""Applications through four levels."""
