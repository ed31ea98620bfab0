"""What every episode benchmark shares: rows, workers and their processes, the live table, the report."""
