"""What a reader sets: the data, the start, the phases, the rates, the ways to step."""
