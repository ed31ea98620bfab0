"""The web scenes of the attack pack: an own little site on loopback, attacked through every channel that a page has."""
