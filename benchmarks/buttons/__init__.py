"""Coloured, labelled buttons: pages on which a tiny checkpoint of Qwen2.5-VL's architecture was really trained to click."""
