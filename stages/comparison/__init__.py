"""What scores are worth: measurements side by side, noise, verdicts."""
