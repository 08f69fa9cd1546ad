"""Bytes as people say them."""


def in_gb(size: float) -> str:
    """Return a size in decimal units.

    >>> in_gb(34_100_000), in_gb(1.25e9)
    ('34 MB', '1.2 GB')
    """
    return f"{size / 1e9:.1f} GB" if size >= 1e9 else f"{size / 1e6:.0f} MB"
