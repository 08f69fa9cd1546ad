"""Processes that train, score and save: the pool, its messages, its clones."""
