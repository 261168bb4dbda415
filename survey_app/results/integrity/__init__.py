"""What careless or invented answers look like in a wave: flags for people to look into, never a deletion."""
