"""Data as people hold them, in whatever file: read row by row, with the same demands on each."""
