"""The server: beside nginx, under faults, forged messages, floods."""
