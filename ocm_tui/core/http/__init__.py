"""The unified HTTP client: one deadline, typed failures, every attempt an exchange in the log."""
