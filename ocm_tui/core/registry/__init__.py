"""The client registry: the table of clients in a database, its copy in a cache, and the stream of events between."""
