"""One screen a file: what it shows, and what its keys do."""
