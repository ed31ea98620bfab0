"""Secrets under attack: who gets a value, and where it can be found afterwards."""
