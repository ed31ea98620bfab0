"""Benchmarks of single replies: a question about a screen, a reply, a row. The runner, its rows, a run's record, the report."""
