"""What a run must do."""
