"""How a text is laid out: which rows are numbers, what names them, lists and prints as tables."""
