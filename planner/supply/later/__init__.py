"""Later: what can wait for the first sales, by which way, and what waiting is worth."""
