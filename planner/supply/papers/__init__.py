"""Papers: what goes to a forwarder: cartons, marks, and the eight things a quote needs."""
