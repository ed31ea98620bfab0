"""How well it does: benchmarks of agents, and of the speed of handeye itself."""
