"""The server: turns, pace and memory, so that one reader does not hold up the others."""
