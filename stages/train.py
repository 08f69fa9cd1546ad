"""Token ids → fine-tuned weights: the epoch with the best dev ROUGE.

Reads data/tokens/ and the references in data/clean/dev.parquet. Writes models/summarizer/ (weights,
tokenizer, generation settings, model card), metrics/train.json and the learning curves in
metrics/train/. Never looks at test, and never decodes as `evaluate` does: after each epoch a fixed
part of dev is decoded greedily, which is cheap and enough to choose an epoch by. With
train.processes above 1 this process starts them, and the first of them writes.
"""

import hashlib
import itertools
import random
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stages.command.cost import record_seconds
from stages.command.entry import run_stage
from stages.command.errors import BatchTooLargeError
from stages.command.files import (
    existing,
    read_json,
    read_parquet,
    whole_folder,
    write_csv,
    write_json,
)
from stages.command.gpus import take_one_gpu
from stages.command.lock import held, only_one
from stages.command.progress import progress_bar, say
from stages.dialogue.records import read_records
from stages.model.rank import Start, is_first, one_of_several, this_rank
from stages.model.weights import weights_file
from stages.params import Generate, Params, Section, Train, load_params
from stages.paths import CHECKPOINTS, CLEAN_METRICS, CURVES, DEV, SUMMARIZER, TOKENS, TRAIN_METRICS
from stages.rouge.rouge import Scorer, rouge_mean

if TYPE_CHECKING:
    from stages.model.callbacks import OnEpoch
    from stages.model.fine_tune import History

HERE = Path(__file__).parent
TOKENIZE = "dvc repro tokenize"

SECONDS = "seconds"
"""Beside the checkpoints of a training: what it has taken so far."""
SUBSET_SEED = 0
"""Not `train.seed`: runs over several seeds choose their epoch on the same dialogues."""


def dev_score(params: Params) -> Callable[[Any], float]:
    """Return the function that scores a model on a fixed part of dev, greedily decoded."""
    from stages.model.tokenizer import decode, read_tokenizer
    from stages.model.torch_engine import Torch

    records = read_records(existing(DEV, made_by="dvc repro clean"))
    rows = min(params.train.eval_rows, len(records))
    chosen = random.Random(SUBSET_SEED).sample(range(len(records)), rows)
    table = read_parquet(TOKENS / "dev.parquet", ["input_ids"], made_by=TOKENIZE)
    sources = table["input_ids"].take(chosen).to_pylist()
    references = [records[i].summaries for i in chosen]
    tokenizer = read_tokenizer(TOKENS / "tokenizer")
    scorer = Scorer(params.rouge.tokenizer, params.rouge.variant, params.rouge.references)
    greedy = Generate(
        num_beams=1,
        length_penalty=1.0,
        no_repeat_ngram_size=0,
        max_new_tokens=params.tokenize.max_target_tokens,
        engine="torch",
    )

    def score(model: Any) -> float:
        predictions = decode(tokenizer, Torch(model).generate(sources, greedy))
        return round(rouge_mean(scorer.per_dialogue(predictions, references)), 4)

    return score


def checkpoint_name(*sections: Section) -> str:
    """Return a name for what a training depends on: its params, its code and its tokens."""
    digest = hashlib.sha256()
    code = [path for folder in ("model", "rouge") for path in (HERE / folder).glob("*.py")]
    for path in [Path(__file__), *sorted(code)]:
        digest.update(path.read_bytes())
    for section in sections:
        digest.update(section.model_dump_json().encode())
    for path in sorted(TOKENS.rglob("*.*")):
        digest.update(path.name.encode() + hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:16]


@contextmanager
def own_checkpoints(params: Params) -> Iterator[Path]:
    """Yield the folder in which this training keeps its checkpoints until it ends well.

    The same training in a search's clone and in the main folder, which share theirs, is two: the
    second one takes the next folder. A killed one lets go of its own.
    """
    sections = params.model, params.lora, params.tokenize, params.train, params.rouge
    name = checkpoint_name(*sections)
    for number in itertools.count():
        folder = CHECKPOINTS / (f"{name}-{number}" if number else name)
        with held(folder) as is_ours:
            if is_ours:
                yield folder
                return


def train_summarizer(
    params: Params,
    checkpoints: Path,
    *,
    run: str = "",
    on_epoch: "OnEpoch" = lambda epoch, score: None,
) -> float:
    """Fine-tune, then write everything that the stage writes; return the seconds of all parts.

    Trackers have it under the name `run`. A batch for which the memory does not suffice is split
    into accumulation steps, as many as it takes.
    """
    from stages.model.device import release_memory
    from stages.model.ranks import train_in_ranks

    began, parts = time.monotonic() - seconds_before(checkpoints), 1
    while True:
        start = Start(parts, run, checkpoints=str(checkpoints))
        try:
            if params.train.processes == 1:
                train_here(params, start, on_epoch=on_epoch)
            else:
                train_in_ranks("stages.train", params.train.processes, start, on_epoch=on_epoch)
            return time.monotonic() - began
        except BatchTooLargeError:
            more = more_parts(params.train, parts)
            if more is None:
                raise
            parts = more
        release_memory()
        say(
            f"train: the memory does not suffice for a batch of {params.train.batch_size}; it is "
            f"split into {parts} accumulation steps, which train the same"
        )


def more_parts(train: Train, parts: int) -> int | None:
    """Return into how many equal parts a batch is split next, or None where each is one row.

    >>> train.batch_size, [more_parts(train, parts) for parts in (1, 2, 3, 6)]
    (6, [2, 3, 6, None])
    """
    rows = train.batch_size // train.processes
    return next((n for n in range(parts + 1, rows + 1) if rows % n == 0), None)


def train_here(params: Params, start: Start, *, on_epoch: "OnEpoch") -> None:
    """Fine-tune in this process, alone or as one of several, of which the first writes."""
    import datasets

    from stages.model.device import memory_for
    from stages.model.fine_tune import fine_tune
    from stages.model.kind import build_model
    from stages.model.tracking import tracking

    checkpoints = Path(start.checkpoints)
    began = time.monotonic() - seconds_before(checkpoints)
    told = tracking(params, run=start.run)

    def note_epoch(epoch: float, score: float) -> None:
        if is_first():
            seconds = f"{time.monotonic() - began:.1f}"
            (checkpoints / SECONDS).write_text(seconds, encoding="ascii")
        on_epoch(epoch, score)

    with memory_for("this model", remedy="choose a smaller one: model.name, or its size"):
        model = build_model(
            params.model,
            params.lora,
            folder=TOKENS / "tokenizer",
            positions=max(params.tokenize.max_source_tokens, params.tokenize.max_target_tokens),
            seed=params.train.seed,
            precision=params.train.precision,
        )
    rows = read_parquet(TOKENS / "train.parquet", ["input_ids", "labels"], made_by=TOKENIZE)
    with progress_bar() as progress:
        history = fine_tune(
            model,
            datasets.Dataset(rows),
            params.train,
            score=dev_score(params),
            checkpoints=checkpoints,
            progress=progress,
            curves=CURVES,
            parts=start.parts,
            told=told,
            on_epoch=note_epoch,
        )
    if not is_first():
        return
    write_summarizer(model, params, history)
    write_metrics(model, history, parts=start.parts, seconds=time.monotonic() - began)
    shutil.rmtree(checkpoints)  # not looked up again: the code may be edited meanwhile


def seconds_before(checkpoints: Path) -> float:
    """Return what a training that was stopped had taken by its last epoch; 0 where none was."""
    try:
        return float((checkpoints / SECONDS).read_text(encoding="ascii"))
    except (OSError, ValueError):  # not there, or torn
        return 0.0


def write_summarizer(model: Any, params: Params, history: "History") -> None:
    """Write models/summarizer: weights, tokenizer, generation settings, model card."""
    from stages.model.card import model_card
    from stages.model.prompt import read_prompt
    from stages.model.tokenizer import read_tokenizer, separator
    from stages.model.trained import save_model

    with whole_folder(SUMMARIZER) as folder:
        save_model(model, folder, max_new_tokens=params.tokenize.max_target_tokens)
        shutil.copytree(TOKENS / "tokenizer", folder, dirs_exist_ok=True)
        prompt = read_prompt(folder)
        between = "\n" if prompt else separator(read_tokenizer(folder))
        sections: dict[str, Section] = {"model": params.model, "train": params.train}
        if params.lora.rank:
            sections |= {"lora": params.lora}
        card = model_card(
            base=params.model.base,
            sections={name: section.model_dump() for name, section in sections.items()},
            data=read_json(CLEAN_METRICS, made_by="dvc repro clean"),
            best=(history.best_epoch, history.best_score),
            signature=f"{params.rouge.tokenizer}, {params.rouge.variant}",
            language=params.data.language,
            turn_end=between.replace("\n", "\\n"),
            prompt=prompt,
            longest_summary=params.tokenize.max_target_tokens,
        )
        (folder / "README.md").write_text(card, encoding="utf-8")


def write_metrics(model: Any, history: "History", *, parts: int, seconds: float) -> None:
    """Write metrics/train.json and the learning curves; note the seconds beside the cache."""
    weights = hashlib.sha256(weights_file(SUMMARIZER).read_bytes()).hexdigest()[:16]
    with whole_folder(CURVES) as folder:
        write_csv(folder / "loss.csv", ["step", "epoch", "loss", "lr"], history.losses)
        write_csv(folder / "dev.csv", ["epoch", "rouge_mean"], history.scores)
    metrics = {
        "greedy_rouge_mean": history.best_score,
        "best_epoch": history.best_epoch,
        "epochs": history.scores[-1][0],
        "steps": history.steps,
        "loss": history.losses[-1][2],
        "parameters": model.num_parameters(),
        "trained_parameters": model.num_parameters(only_trainable=True),
        "weights": weights,
    }
    if parts > 1:  # a matter of this machine's memory, which trained the same
        metrics |= {"batch_split_into": parts}
    write_json(TRAIN_METRICS, metrics)
    record_seconds(weights, seconds)
    say(
        f"train: {SUMMARIZER} is epoch {history.best_epoch:g}, "
        f"which scored {history.best_score:.2f} on a part of dev, greedily decoded"
        f"{'; no epoch scored above 0' if history.best_score == 0 else ''}"
    )


def main() -> None:
    """Run the stage."""
    start, params = this_rank(), load_params()
    existing(TOKENS / "train.parquet", made_by=TOKENIZE)
    existing(CLEAN_METRICS, made_by="dvc repro clean")
    if start:
        with one_of_several(start) as owner:
            train_here(params, start, on_epoch=owner.on_epoch)
        return
    if params.train.processes == 1:
        take_one_gpu()
    with only_one("train"), own_checkpoints(params) as checkpoints:
        train_summarizer(params, checkpoints)


if __name__ == "__main__":
    run_stage(main, __doc__)
