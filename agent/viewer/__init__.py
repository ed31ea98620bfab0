"""The viewer: a run as one HTML page that needs nothing else, neither files nor network.

`render(trajectory)` gives the page, `write(run)` saves it beside the run.
"""

from handeye.agent.viewer.page import render, write

__all__ = ["render", "write"]
