"""OAuth clients: their model, the server port, and the services that look before they write."""
