"""Bytes as text, and text as rows of cells."""
