"""Sharing: how the channels that draw on one warehouse divide its units."""
