"""The one way out: which hosts may be reached, and the forward proxy that holds to it."""
