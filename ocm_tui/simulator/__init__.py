"""A server that behaves: PingFederate's administrative API and its token endpoint, on loopback, with faults on request."""
