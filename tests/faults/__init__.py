"""What happens when things break, seen from outside: a real server, phones in great number, a hand on the plug."""
