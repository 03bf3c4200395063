"""From an inventory to the server: what is declared, what differs, the plan, its apply, and what is remembered."""
