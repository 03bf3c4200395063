"""Checks: one named verdict each about an environment, run without a terminal."""
