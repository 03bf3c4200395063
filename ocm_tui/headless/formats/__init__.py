"""Output formats: pure functions from a result to the text that goes to stdout or into a report file."""
