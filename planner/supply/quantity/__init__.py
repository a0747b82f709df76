"""Quantity: how many units a rule asks for, and what holding them would mean in money."""
