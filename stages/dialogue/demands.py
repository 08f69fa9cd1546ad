"""What a row and a file must have, or the user is told which has it not."""

from dataclasses import replace
from pathlib import Path

from stages.command.errors import UserError
from stages.dialogue.csv_reader import Row
from stages.dialogue.records import Record
from stages.dialogue.repair.ledger import Tally
from stages.dialogue.repair.rules import Step, repair_steps
from stages.dialogue.turns import split_turns


def clean_row(row: Row) -> tuple[Record, list[Step]]:
    """Repair a row's dialogue, and say by which steps."""
    steps = list(repair_steps(row.record.dialogue))
    record = replace(row.record, dialogue=steps[-1].after) if steps else row.record
    if not any(turn.speaker and turn.text for turn in split_turns(record.dialogue)):
        raise UserError(
            f"{row.place}, column dialogue: there is no turn such as '#Person1#: 안녕하세요.' in "
            f"{record.dialogue[:40]!r}; mend the row, or take it out"
        )
    return record, steps


def check_references(source: Path, tally: Tally) -> None:
    """Refuse training data without a summary, and a dev or test set with only some references."""
    split = source.stem
    if split == "train" and tally.kept == 0:
        raise UserError(f"{source}, column summary: every row is empty; fill in summaries")
    must_have_all = split == "dev" or (split == "test" and tally.references > 0)
    if must_have_all and tally.without_reference:
        raise UserError(
            f"{tally.without_reference}, column summary: there is no reference summary; fill it "
            "in, for a score is of all rows (test alone may go without, and then in every row)"
        )
