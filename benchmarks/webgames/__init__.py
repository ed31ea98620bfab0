"""WebGames (convergence-ai/webgames): games in a browser, each scored by the password that it shows when it is solved."""
