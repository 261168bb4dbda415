"""Results as files: tables for spreadsheets and programs, and single answers for supervisors."""
