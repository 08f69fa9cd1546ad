"""Tokenizer and weights: build, load, fine-tune, generate."""

import os

# Threads that wait asleep and not spinning, before anything loads torch: where two trainings share
# the cores (`dvc queue start -j 2`), each is several times as fast; one alone loses nothing.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")
