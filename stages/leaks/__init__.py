"""What train has of dev and test, and of itself: near-copies, folds, suspects."""
