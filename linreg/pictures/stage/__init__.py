"""The stage: three runs side by side; a file for each of its panels."""
