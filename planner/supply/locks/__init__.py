"""Locks: what a price that can no longer be changed costs."""
