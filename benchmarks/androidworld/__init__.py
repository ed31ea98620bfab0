"""AndroidWorld's own tasks, run by its own code against a phone that is reached through adb alone."""
