"""Which counties are supervised closely, why, and until when."""
