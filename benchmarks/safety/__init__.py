"""The attack pack: what gets through the gates, and what is stopped that should not be."""
