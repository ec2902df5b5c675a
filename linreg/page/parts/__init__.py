"""The parts of the page, one file each, from the cards to what is taken home."""
