"""Decisions: what people are asked, what they decided, and what a missing fact costs."""
