"""A county on its way through the four levels: application, signed or returned, sealed."""
