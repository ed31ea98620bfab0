"""Tasks on the simulated phone in the form of AndroidWorld's: set up and scored through adb, worked through the screen."""
