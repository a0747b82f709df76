"""What may stop or spoil a plan: papers, deadlines, locked prices, limits; told as alerts."""
