"""What people and platforms hand in: exports, counts and masters read, doubted, and told."""
