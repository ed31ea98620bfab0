"""Tasks in the form of OSWorld (xlang-ai/OSWorld): reading them, making their world, scoring what was done. No virtual machine."""
