"""What every command shares: one-sentence errors, whole files, one run at a time, progress."""
