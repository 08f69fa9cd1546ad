"""The score itself: ROUGE, and what it counts."""
