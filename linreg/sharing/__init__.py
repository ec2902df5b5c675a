"""A visit as text and files: settings, kept runs, lesson links; CSV, script, notebook, picture, report."""
