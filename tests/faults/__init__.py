"""What happens when things break, seen from outside: a real server, many phones, a hand on the plug."""
