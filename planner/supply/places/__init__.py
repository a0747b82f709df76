"""Places: in which warehouse units lie, where help comes from, and what need not be stocked."""
