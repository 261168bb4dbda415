"""The JSON interface over the rooms, with tokens of their own."""
