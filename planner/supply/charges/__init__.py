"""Charges: what a unit costs on each way it can go, what it earns, and whose word that is."""
