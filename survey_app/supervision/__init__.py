"""What follows a verdict for years: the schedule, who is behind, the ledger of gaps and tasks."""
