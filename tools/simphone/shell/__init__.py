"""The phone's shell: mksh as far as test harnesses and people use it, over the programs of `handeye.tools.simphone.commands`."""
