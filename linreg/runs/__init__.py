"""What is asked of a run and what was recorded of it: phases, rules, schedules, batches, history."""
