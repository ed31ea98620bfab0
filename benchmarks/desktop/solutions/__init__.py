"""How each desktop task is solved by someone who knows the way: the oracles."""
