"""Grounding benchmarks: where on a screen is what an instruction names?"""
