"""Writes the embedded sample: invented Korean everyday dialogues with their summaries.

Run as `python -m data.generator`. Nothing of it is taken from a corpus: every sentence was written
for this project, and the files it makes are under the project's licence.
"""
