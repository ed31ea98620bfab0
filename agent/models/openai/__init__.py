"""Any server that speaks the OpenAI-compatible chat protocol. `model.openai_model` opens one by its name."""
