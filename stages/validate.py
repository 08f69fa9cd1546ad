"""Check a submission before it costs one of the day's attempts.

Reads the file, and the ids and dialogues of test.csv; writes nothing. Exit code 1 where the file
would be refused or worth nothing: its form, its ids, an empty summary, tokens that are no text.
What only costs points is a warning.
"""

import argparse
from pathlib import Path

from stages.command.entry import run
from stages.command.errors import UserError
from stages.command.progress import say
from stages.dialogue.csv_reader import read_rows
from stages.dialogue.repair.rules import repair
from stages.params import load_params
from stages.submission.check import check_submission
from stages.submission.faults import count_kinds, describe


def read_dialogues(test: Path) -> dict[str, str]:
    """Return the repaired dialogues of test by their ids, in their order."""
    rows = read_rows(test, needs_summary=False)
    return {row.record.id: repair(row.record.dialogue) for row in rows}


def main() -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(prog="python -m stages.validate", description=__doc__)
    parser.add_argument("file", type=Path, help="the submission")
    parser.add_argument(
        "--ids", type=Path, help="CSV file with fname and dialogue; else test.csv in data.dir"
    )
    arguments = parser.parse_args()
    if not arguments.file.is_file():
        raise UserError(
            f"{arguments.file} is no file. A submission gets written by: dvc repro predict"
        )
    data = load_params().data
    test = arguments.ids or Path(data.dir) / "test.csv"
    compared = arguments.ids is not None or test.exists()
    dialogues = read_dialogues(test) if compared else None
    n, faults = check_submission(arguments.file, dialogues, data.language)
    for line in describe(faults):
        say(line)
    beside = f"compared with {test}" if compared else f"ids not compared: there is no {test}"
    refused = count_kinds(faults, refused=True)
    warnings = count_kinds(faults, refused=False)
    say(f"{arguments.file}: {n} rows, {beside}; warnings: {warnings or 'none'}")
    if refused:
        raise UserError(f"{arguments.file} would be refused: {refused}")


if __name__ == "__main__":
    run(main)
