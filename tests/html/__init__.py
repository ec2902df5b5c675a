"""Words and numbers as HTML."""
