"""The frame of a wave: counted lists of people, reconciled with the schools, and whom one may call."""
