"""Leftovers: where units go that nobody bought or that came back, and what they bring there."""
