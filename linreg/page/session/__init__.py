"""A reader's visit: the settings in the address, the phases, the runs and what is on its way."""
