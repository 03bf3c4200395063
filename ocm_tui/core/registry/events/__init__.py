"""Client events: a stream of messages that says what became of a client elsewhere, and what it does to our table."""
