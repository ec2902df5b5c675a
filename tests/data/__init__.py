"""Points: made, public, read from files."""
