"""What the oracle knows about each task; `handeye.benchmarks.miniwob.oracle` gathers it."""
