"""Models behind their providers' own interfaces, with their own computer tools: `openai-computer:MODEL`, `anthropic:MODEL`."""
