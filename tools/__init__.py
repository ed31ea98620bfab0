"""handeye."""
