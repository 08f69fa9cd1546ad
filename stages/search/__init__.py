"""The search: space, study, workers, and experiments as DVC keeps them."""
