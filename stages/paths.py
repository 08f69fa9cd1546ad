"""Where the stages put their files, and what the commands read of them: every path once.

Relative to the root of the repository, from which everything runs.
"""

from pathlib import Path

CLEAN = Path("data/clean")
DEV = CLEAN / "dev.parquet"
TOKENS = Path("data/tokens")
SCORED = Path("data/predictions/scored")
"""A CSV file for each split that was scored: its predictions, each with its score."""
SUBMISSION = Path("data/predictions/submission.csv")
STUDIES = Path("data/studies")
LAST_SEARCH = STUDIES / "last"
"""The studies of the search; ignored by Git."""

SUMMARIZER = Path("models/summarizer")
MERGED = Path("models/merged")
"""An adapter and its base as one model, where `merge` has made it; ignored by Git."""
CHECKPOINTS = Path("models/checkpoints")
"""What a stopped training goes on from; ignored by Git."""

CLEAN_METRICS = Path("metrics/clean.json")
LEAK_METRICS = Path("metrics/leaks.json")
TOKEN_METRICS = Path("metrics/tokenize.json")
TRAIN_METRICS = Path("metrics/train.json")
CURVES = Path("metrics/train")
DEV_CURVE = CURVES / "dev.csv"
"""Of the cheap dev score after every epoch."""
SCORE_METRICS = Path("metrics/evaluate.json")
ERROR_METRICS = Path("metrics/evaluate_errors.json")
SLICES = Path("metrics/evaluate_slices.csv")
FLOOR_METRICS = Path("metrics/floors.json")
TEST_METRICS = Path("metrics/test.json")
TUNE = Path("metrics/tune")
BEST = TUNE / "best.yaml"
REPORT = Path("metrics/report.html")

COMPARED = Path("metrics/compare.json")
NOISE = Path("metrics/noise.json")
LEADERBOARD = Path("metrics/leaderboard.csv")
"""These three are written by commands; Git tracks them."""
