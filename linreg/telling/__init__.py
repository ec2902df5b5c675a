"""What there is to say of a run: facts, verdict, advice, one step, the theory in sentences; no HTML."""
