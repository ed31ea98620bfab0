"""Allow-lists under attack: real pages, real servers on loopback, and a forbidden host that counts whatever reaches it."""
