"""The smallest payload that still fails, found by trials on the server; see `minimise` for how it is found."""
