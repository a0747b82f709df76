"""What an analyst types: one function per command, by subject."""
