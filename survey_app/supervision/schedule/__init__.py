"""Provinces and cities: the schedule of recognition, the pace against it, who is supervised closely."""
