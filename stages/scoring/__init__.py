"""ROUGE for Korean, its intervals and its floors: pure functions over strings."""
