"""Platform: its clock, metrics, caps and appeals, and the log of what went wrong."""
