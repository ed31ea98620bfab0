"""Desktop tasks in OSWorld's form, on a virtual desktop with real programs; scored from files and programs."""
