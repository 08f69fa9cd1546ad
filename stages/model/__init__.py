"""Tokenizer and weights: build, load, fine-tune, generate."""
