"""What is taken home."""
