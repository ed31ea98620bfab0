"""The phone's scenes of the attack pack: a simulated phone whose messages, names, files, pages and windows give orders."""
