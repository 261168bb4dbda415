"""The board of a wave in the field: how far it is, how fast it goes, what needs somebody's attention."""
