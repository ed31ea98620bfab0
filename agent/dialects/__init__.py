"""Dialects: the wire formats between actions and families of models. `registry.open_dialect` opens one by its name."""
