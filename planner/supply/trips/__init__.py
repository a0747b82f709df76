"""Trips: how many days goods are on their way from an order to a shelf, and what falls due when."""
