"""The programs that the phone's shell knows, one module for each family."""
