"""What a quarter reports of the counties due, and what a year reports of a province."""
