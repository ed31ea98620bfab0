"""Values that only the device may know: declared by name, typed into the right field, masked and redacted everywhere else."""
