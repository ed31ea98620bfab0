"""Metrics of OSWorld's evaluators by their names."""
