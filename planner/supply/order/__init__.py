"""Order: units of all SKUs together, under budget, space, cartons and least charges."""
