"""Measured, also where we lose: worlds of known truth, and benchmarks against peers.

Nothing in `planner` imports from here.
"""
