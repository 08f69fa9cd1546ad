"""The matrix of faults: kills, full disks, damage and crowds, each tried with what it must keep.

A module has one kind of fault or two, as `ROWS`; `python -m faults` tries them and writes the table
of docs/faults.md. Repositories are tiny, Git, DVC, torch, SQLite and PostgreSQL real.
"""
