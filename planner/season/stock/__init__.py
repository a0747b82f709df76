"""Stock: what lies where while a campaign runs, how long it lasts, and what does not add up."""
