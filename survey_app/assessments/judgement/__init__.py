"""What only people can judge: attestations, points, visits, comments, corrections, with their evidence."""
