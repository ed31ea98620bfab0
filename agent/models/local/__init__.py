"""Weights on this machine: the Qwen-VL family through transformers and accelerate."""
