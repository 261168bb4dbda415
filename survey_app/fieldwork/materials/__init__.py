"""What is printed for a wave: cards with covers, hand-out lists, letters, posters; all in one archive."""
