"""A workbook: which sheet is read, by a process that can end nobody else."""
