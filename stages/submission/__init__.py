"""From summary to the leaderboard's file: repairs, form, checks, the vote of several models."""
