"""A campaign while it runs, and what it taught: tables to tables, no disk."""
