"""What follows a verdict for years: the ledger of gaps and tasks."""
