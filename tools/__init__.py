"""How a real device is touched: drivers, geometry, keys, and the tree of errors."""
