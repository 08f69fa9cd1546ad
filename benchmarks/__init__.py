"""How fast the project is, beside what a user would run instead: one file a question.

Every file has `measure(…) -> list[Ratio]`, whose settings are whole numbers with defaults, and runs
alone: `python -m benchmarks.NAME [--quick] [--rows 100 …]`. `python -m benchmarks` runs them all.
The sides take turns in one process tree, nothing else beside them, and medians are compared.
"""
