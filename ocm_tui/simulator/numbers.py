"""Randomness that anyone can compute again: a number from a seed and a position, without going through the others."""

from typing import Final

__all__ = ["mixed"]

_MASK: Final = 2**64 - 1


def mixed(seed: int, position: int) -> int:
    """64 well-spread bits (splitmix64). Close positions and close seeds give unrelated numbers."""
    value = (seed * 0xD1342543DE82EF95 + position * 0x9E3779B97F4A7C15 + 0x632BE59BD9B4E019) & _MASK
    value = ((value ^ (value >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    value = ((value ^ (value >> 27)) * 0x94D049BB133111EB) & _MASK
    return value ^ (value >> 31)
