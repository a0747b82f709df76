"""What to order, which way, by which day and at what cost: tables to tables, no disk."""
