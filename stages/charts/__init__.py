"""Charts in Vega-Lite, and pictures of them: of a training, of a search."""
