"""Exchanges: what went over the wire, redacted at capture, kept in a bounded log."""
