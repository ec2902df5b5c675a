"""A column of text as numbers: with decimal points or commas, signs, units, dates."""
