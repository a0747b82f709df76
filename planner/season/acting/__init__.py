"""Acting: what can still be done for a SKU, what it is worth now, and until when."""
