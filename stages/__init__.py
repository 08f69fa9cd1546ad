"""Everything that can be run: `python -m stages.NAME`. The folders hold what it is made of."""
