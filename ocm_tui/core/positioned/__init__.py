"""Small files read with every doubt: YAML whose values know where they stand, and problems that say where."""
