"""A server that behaves: PingFederate's admin API and token endpoint, on loopback, with faults on request."""
