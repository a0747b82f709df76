"""Result: what came of a campaign, in units and money, beside what was planned."""
