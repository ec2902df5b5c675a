"""Words and numbers as HTML; a stranger's text is escaped here."""
