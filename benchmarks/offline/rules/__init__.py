"""Who is right, by name: every rule says where it comes from, and a released script's slip has a name of its own."""
