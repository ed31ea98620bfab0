"""What can be seen and done: actions, observations, environments, settling."""
