"""How each benchmark is stored, one file each; `handeye.benchmarks.offline.registry` names them."""
