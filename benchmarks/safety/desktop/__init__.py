"""The desktop's part of the attack pack: virtual desktops with real X11 programs, and what is written to their files."""
