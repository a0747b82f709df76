"""The door to disk: homes, tables, runs of notebooks, reports, and what is frozen."""
