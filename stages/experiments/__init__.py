"""What DVC and Git keep of every experiment: params, scores, models, seconds."""
