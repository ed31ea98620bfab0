"""MiniWoB++ (Farama-Foundation/miniwob-plusplus): 125 small web tasks, worked from pixels and scored by the pages themselves."""
