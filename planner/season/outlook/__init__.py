"""Outlook: what is still to come of a running campaign, learnt from what has sold."""
