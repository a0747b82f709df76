"""How much will be wanted: level, season and uplift, with draws that say how sure that is."""
