"""The tasks, a module for each class of them."""
