"""A simulated Android phone that adb takes for a device: an adbd over TCP, and behind it apps that Chromium draws."""
