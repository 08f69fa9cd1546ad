"""Check a submission before it costs one of the day's attempts.

Reads the file, and the ids and dialogues of test.csv; writes nothing. Exit code 1 where the file
would be refused or worth nothing: its form, its ids, an empty summary, tokens that are no text.
What only costs points is said to, with exit code 0.
"""

from pathlib import Path

from stages.command.arguments import command_parser
from stages.command.entry import run
from stages.command.errors import UserError
from stages.command.faults import Faults
from stages.command.progress import say
from stages.corpus.cleaning import clean_record
from stages.corpus.columns import layout
from stages.corpus.files import find_split
from stages.corpus.rows import read_rows
from stages.params import Data, load_params
from stages.submission.check import check_submission
from stages.submission.faults import count_kinds, describe


def read_dialogues(files: list[Path], data: Data) -> dict[str, str]:
    """Return the repaired dialogues of test by their ids, in their order."""
    dialogues: dict[str, str] = {}
    for path in files:
        faults = Faults()
        for row in read_rows(path, layout(data), faults, needs_summary=False):
            dialogues[row.record.id] = clean_record(row.record)[0].dialogue
        faults.check(str(path))
    return dialogues


def main() -> None:
    """Run the command."""
    parser = command_parser("validate", __doc__)
    parser.add_argument("file", type=Path, help="the submission")
    parser.add_argument(
        "--ids", type=Path, help="file with fname and dialogue; else test.csv in data.dir"
    )
    arguments = parser.parse_args()
    if not arguments.file.is_file():
        raise UserError(
            f"{arguments.file} is no file. A submission gets written by: dvc repro predict"
        )
    data = load_params().data
    split = None if arguments.ids else find_split(Path(data.dir), "test")
    files = [arguments.ids] if arguments.ids else split.files if split else []
    test = arguments.ids or (split.place if split else Path(data.dir) / "test.csv")
    dialogues = read_dialogues(files, data) if files else None
    n, faults = check_submission(arguments.file, dialogues, data.language)
    for line in describe(faults):
        say(line)
    beside = f"compared with {test}" if files else f"ids not compared: there is no {test}"
    refused = count_kinds(faults, refused=True)
    warnings = count_kinds(faults, refused=False)
    say(f"{arguments.file}: {n} rows, {beside}; warnings: {warnings or 'none'}")
    if refused:
        raise UserError(f"{arguments.file} would be refused: {refused}")


if __name__ == "__main__":
    run(main)
