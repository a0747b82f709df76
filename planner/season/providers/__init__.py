"""Providers: one campaign over all sellers: who is late, what is at risk, what is asked of whom."""
