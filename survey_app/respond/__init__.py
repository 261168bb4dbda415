"""The public side: open a code, answer, submit. Knows no person and shows no answer."""
