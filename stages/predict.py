"""Weights → a submission: a summary of each dialogue of test, in the form of the sample file.

Reads models/summarizer/, or the models of the experiments named in `predict.models`, and
data/clean/test.parquet. Writes data/predictions/submission.csv, unless it would be refused; where
the data has no test.csv, a header alone. Scores nothing: that is the business of `evaluate`.
"""

import tempfile
from collections.abc import Sequence
from pathlib import Path

from stages.command.entry import run_stage
from stages.command.errors import UserError
from stages.command.files import existing, whole_file, write_csv
from stages.command.lock import only_one
from stages.command.progress import progress_bar, say
from stages.dialogue.records import Record, read_records
from stages.experiments.models import RestoredModel, restore_models
from stages.params import Language, Params, load_params
from stages.paths import CLEAN, SUBMISSION, SUMMARIZER
from stages.rouge.rouge import Scorer
from stages.submission.check import check_submission
from stages.submission.faults import count_kinds, describe
from stages.submission.postprocess import named_rules
from stages.submission.vote import choose


def voting_models(params: Params, restored: Path) -> list[RestoredModel]:
    """Return the model of the workspace, or those of the experiments named, put into `restored`."""
    if not params.predict.models:
        existing(SUMMARIZER / "model.safetensors", made_by="dvc repro train")
        return [RestoredModel("summarizer", SUMMARIZER, params.tokenize.max_source_tokens)]
    return restore_models(params.predict.models, path=SUMMARIZER, into=restored)


def summaries_of(source: RestoredModel, records: Sequence[Record], params: Params) -> list[str]:
    """Return a model's summary of each dialogue, repaired by `predict.rules`."""
    from stages.model.engine import read_summarizer
    from stages.model.summarizer import write_summaries
    from stages.model.tokenizer import encode, read_tokenizer

    tokenizer = read_tokenizer(source.folder)
    dialogues = [record.dialogue for record in records]
    encoded = encode(tokenizer, dialogues, max_tokens=source.max_source_tokens)
    with progress_bar() as progress:
        task = progress.add_task(f"predict with {source.name}", total=len(records), note="")
        return write_summaries(
            read_summarizer(source.folder, params.generate.engine),
            tokenizer,
            [dialogue.ids for dialogue in encoded],
            params.generate,
            rules=named_rules(params.predict.rules, params.data.language),
            on_batch=lambda n: progress.advance(task, n),
        )


def vote(by_model: Sequence[Sequence[str]], params: Params) -> list[str]:
    """Return for each dialogue the summary that the models' summaries agree with most."""
    candidates = list(zip(*by_model, strict=True))
    scorer = Scorer(params.rouge.tokenizer, params.rouge.variant, "average")
    chosen = choose(candidates, scorer)
    return [summaries[i] for summaries, i in zip(candidates, chosen, strict=True)]


def write_submission(
    records: Sequence[Record], summaries: Sequence[str], *, index: bool, language: Language
) -> str:
    """Write the file, or refuse to; return what it would lose points for, empty where nothing."""
    rows = [[record.id, summary] for record, summary in zip(records, summaries, strict=True)]
    header = ["fname", "summary"]
    if index:
        header, rows = ["", *header], [[str(i), *row] for i, row in enumerate(rows)]
    with whole_file(SUBMISSION) as draft:
        write_csv(draft, header, rows)
        dialogues = {record.id: record.dialogue for record in records}
        _, faults = check_submission(draft, dialogues, language)
        if records and (refused := count_kinds(faults, refused=True)):
            listed = "\n".join(describe([fault for fault in faults if fault.refused]))
            raise UserError(
                f"{SUBMISSION} would be refused, so it was not written: {refused}\n{listed}"
            )
    return count_kinds(faults, refused=False)


def main() -> None:
    """Run the stage."""
    params = load_params()
    existing(CLEAN / "dev.parquet", made_by="dvc repro clean")
    test = CLEAN / "test.parquet"
    with only_one("predict"), tempfile.TemporaryDirectory() as restored:
        records = read_records(test) if test.exists() else []
        models = voting_models(params, Path(restored)) if records else []
        by_model = [summaries_of(model, records, params) for model in models]
        warnings = write_submission(
            records,
            vote(by_model, params),
            index=params.predict.index,
            language=params.data.language,
        )
    if not records:
        say(f"predict: {SUBMISSION} has a header alone: the data has no test.csv")
        return
    said = (
        f"{SUBMISSION} has {len(records)} summaries of {', '.join(model.name for model in models)}"
    )
    hint = f"; warnings: {warnings} (python -m stages.validate {SUBMISSION})" if warnings else ""
    say(f"predict: {said}{hint}")


if __name__ == "__main__":
    run_stage(main, __doc__)
