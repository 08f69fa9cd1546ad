"""One page to look at a run: metrics/report.html, which opens from disk and needs no network.

Reads what the other stages wrote; scores, decodes and compares nothing anew. Other experiments it
knows from metrics/compare.json, which `python -m stages.compare --report` writes: DVC could not
know that a stage had looked at them.
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.compute as pc

from stages.command.entry import run_stage
from stages.command.errors import UserError
from stages.command.files import (
    existing,
    read_csv,
    read_json,
    read_parquet,
    read_table,
    reading,
    whole_file,
)
from stages.command.lock import only_one
from stages.command.progress import progress_bar, say
from stages.command.yaml_file import read_mapping
from stages.dialogue.records import read_records
from stages.page.compared import Compared
from stages.page.dialogues import ScoredDialogue, entry, thin
from stages.page.render import Found, render
from stages.page.sections import ledger_examples
from stages.params import Language, Params, flatten, load_params
from stages.paths import (
    CLEAN,
    CLEAN_METRICS,
    COMPARED,
    CURVES,
    ERROR_METRICS,
    FLOOR_METRICS,
    LEAK_METRICS,
    REPORT,
    SCORE_METRICS,
    SCORED,
    SLICES,
    TEST_METRICS,
    TOKEN_METRICS,
    TOKENS,
    TRAIN_METRICS,
    TUNE,
)
from stages.rouge.tokenizers import Tokenizer
from stages.scoring.intervals import interval

CLEANED, EVALUATE = "dvc repro clean", "dvc repro evaluate"
CHECKOUT = f"dvc checkout --force {TUNE}"
_OF_WINNER = ("values", "verdict", "better", "score", "interval", "scores", "present", "trial")
SCORE_COLUMNS = ("rouge1", "rouge2", "rougeL", "rouge_mean")


def if_there(path: Path) -> Any:
    """Return the JSON of a stage that may not have run, or None."""
    return read_json(path, made_by="dvc repro") if path.exists() else None


def read_scored() -> list[ScoredDialogue]:
    """Return every dev dialogue with its prediction, its scores and what is known of it.

    Raises `UserError` where predictions and dialogues are not of the same run.
    """
    path = existing(SCORED / "dev.csv", made_by=EVALUATE)
    records = read_records(CLEAN / "dev.parquet")
    truncated = token_column("dev", "truncated").to_pylist()
    copies = dev_with_copies()
    rows = list(read_csv(path, made_by=EVALUATE))
    if not [row["id"] for row in rows] == [record.id for record in records]:
        raise UserError(f"{path} has other dialogues than {CLEAN}/dev.parquet; run: {EVALUATE}")
    return [
        ScoredDialogue(
            record,
            row["prediction"],
            tuple(float(row[column]) for column in SCORE_COLUMNS),
            truncated=is_truncated,
            near_copy=None if copies is None else record.id in copies,
        )
        for record, row, is_truncated in zip(records, rows, truncated, strict=True)
    ]


def token_column(split: str, name: str) -> Any:
    """Return one column of a split's tokens, in Arrow."""
    path = TOKENS / f"{split}.parquet"
    return read_parquet(path, [name], made_by="dvc repro tokenize")[name]


def dev_with_copies() -> set[str] | None:
    """Return the ids of dev dialogues that train has a near-copy of; None where they were dropped.

    None as well where nobody looked for them.
    """
    found = if_there(LEAK_METRICS)
    if found is None or found["leaks"]["train"]["dropped"]:
        return None
    rows = read_table(CLEAN / "leaks.csv", made_by=CLEANED)
    return {row["id"] for row in rows if row["file"] == "dev.csv"}


def leak_slices(scored: Sequence[ScoredDialogue]) -> list[dict[str, str]]:
    """Return the score of the dialogues with a near-copy in train, and of the others."""
    parts = []
    for value in ("no", "yes"):
        own = [one.scores[:3] for one in scored if one.near_copy is (value == "yes")]
        if own:
            low, high = interval(np.array(own) / 100)
            parts.append(
                {"slice": "near_copy", "value": value, "n": str(len(own))}
                | {"rouge_mean": str(np.mean(own)), "low": str(low), "high": str(high)}
            )
    return parts


def read_lengths() -> dict[str, list[int]]:
    """Return for each split the tokens of its dialogues, as the model reads them."""
    return {
        split: pc.list_value_length(token_column(split, "input_ids")).to_pylist()
        for split in ("train", "dev", "test")
        if (TOKENS / f"{split}.parquet").exists()
    }


def search_winner() -> Mapping[str, Any] | None:
    """Return what the search found, or None where it found nothing."""
    path = TUNE / "best.yaml"
    return read_mapping(path, made_by=CHECKOUT, has=_OF_WINNER) if path.exists() else None


def read_compared() -> Mapping[str, Any]:
    """Return the comparison, whose `rows` are empty where none was made.

    Raises `UserError` where the file is damaged: Git tracks it, so that branches may conflict.
    """
    if not COMPARED.exists():
        return {"rows": []}
    made_by = "python -m stages.compare --report"
    content = read_json(COMPARED, made_by=made_by)
    with reading(COMPARED, made_by=made_by):
        return Compared.model_validate(content).model_dump()


def entries(
    scored: Sequence[ScoredDialogue], tokenizer: Tokenizer, language: Language
) -> Iterator[dict[str, Any]]:
    """Yield each dialogue as the page's script reads it, under a progress bar."""
    with progress_bar() as progress:
        task = progress.add_task("report", total=len(scored), note="")
        for one in scored:
            yield entry(one, tokenizer, language)
            progress.advance(task)


def is_promoted(best: Mapping[str, Any] | None, params: Params) -> bool:
    """Tell whether params.yaml has all values of the winner."""
    here = flatten(params.model_dump())
    return best is not None and all(here[key] == value for key, value in best["values"].items())


def gather(params: Params) -> Found:
    """Read everything that the page shows."""
    scored, best = read_scored(), search_winner()
    dialogues = list(entries(thin(scored), params.rouge.tokenizer, params.data.language))
    return Found(
        scores=read_json(SCORE_METRICS, made_by=EVALUATE),
        floors=read_json(FLOOR_METRICS, made_by=EVALUATE),
        errors=read_json(ERROR_METRICS, made_by=EVALUATE),
        test=if_there(TEST_METRICS),
        slices=list(read_table(existing(SLICES, made_by=EVALUATE), made_by=EVALUATE)),
        train=if_there(TRAIN_METRICS),
        loss=list(read_csv(CURVES / "loss.csv", made_by="dvc repro train")),
        dev=list(read_csv(CURVES / "dev.csv", made_by="dvc repro train")),
        tokens=if_there(TOKEN_METRICS),
        lengths=read_lengths(),
        clean=if_there(CLEAN_METRICS),
        examples=ledger_examples(read_table(CLEAN / "ledger.csv", made_by=CLEANED)),
        leaks=if_there(LEAK_METRICS),
        leak_slices=leak_slices(scored),
        tune=if_there(TUNE / "tune.json"),
        trials=list(read_table(TUNE / "trials.csv", made_by=CHECKOUT)),
        best=best,
        is_promoted=is_promoted(best, params),
        compared=read_compared(),
        dialogues=dialogues,
        dialogue_scores=[one.scores[3] for one in scored],
    )


def main() -> None:
    """Run the stage."""
    params = load_params()
    existing(SCORE_METRICS, made_by=EVALUATE)
    with only_one("report"):
        found = gather(params)
        page = render(found, language=params.report_language, spoken=params.data.language).encode()
        with whole_file(REPORT) as draft:
            draft.write_bytes(page)
    say(
        f"report: {REPORT}, {len(page) / 1e6:.1f} MB, {len(found.dialogues)} of "
        f"{found.scores['n']} dialogues; open it in a browser"
    )


if __name__ == "__main__":
    run_stage(main, __doc__)
