import csv
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from functools import wraps
from hashlib import md5, sha256
from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import BartForConditionalGeneration

from stages import tokenize, train
from stages.command.cost import read_seconds
from stages.command.errors import UserError
from stages.command.files import read_csv
from stages.params import Params

ROOT = Path(__file__).resolve().parents[1]

Files = Callable[..., dict[str, bytes]]
Change = Callable[..., Params]
Rewrite = Callable[[Params], None]
OUTPUTS = ("models", "metrics/train", "metrics/train.json")


@pytest.mark.usefixtures("project")
def test_it_writes_these_files_and_no_other(files: Files) -> None:
    tokenize.main()
    before = files("data", "metrics")
    train.main()
    assert sorted(files("data", "metrics", "models").keys() - before.keys()) == [
        "metrics/train.json",
        "metrics/train/dev.csv",
        "metrics/train/loss.csv",
        "models/summarizer/README.md",
        "models/summarizer/config.json",
        "models/summarizer/generation_config.json",
        "models/summarizer/model.safetensors",
        "models/summarizer/tokenizer.json",
        "models/summarizer/tokenizer_config.json",
    ]
    assert list(Path("models/checkpoints").iterdir()) == []


@pytest.mark.usefixtures("trained")
def test_the_metrics_say_how_the_training_went() -> None:
    metrics = json.loads(Path("metrics/train.json").read_text(encoding="utf-8"))
    weights = sha256(Path("models/summarizer/model.safetensors").read_bytes()).hexdigest()[:16]
    assert list(metrics) == [
        "greedy_rouge_mean",
        "best_epoch",
        "epochs",
        "steps",
        "loss",
        "parameters",
        "trained_parameters",
        "weights",
    ]
    assert (metrics["epochs"], metrics["steps"], metrics["weights"]) == (2.0, 4, weights)
    assert 0 <= metrics["greedy_rouge_mean"] <= 100
    assert metrics["best_epoch"] in {1.0, 2.0}
    assert 4 < metrics["loss"] < 7  # ln 400 = 6.0
    assert list(read_seconds()) == [weights]


@pytest.mark.usefixtures("trained")
def test_the_curves_are_tables() -> None:
    tables = {}
    for name in ("loss", "dev"):
        with Path(f"metrics/train/{name}.csv").open(encoding="utf-8", newline="") as file:
            tables[name] = list(csv.reader(file))
    assert tables["loss"][0] == ["step", "epoch", "loss", "lr"]
    assert [row[:2] for row in tables["loss"][1:]] == [
        ["1", "0.5"],
        ["2", "1.0"],
        ["3", "1.5"],
        ["4", "2.0"],
    ]
    assert tables["dev"][0] == ["epoch", "rouge_mean"]
    assert [row[0] for row in tables["dev"][1:]] == ["1.0", "2.0"]


@pytest.mark.usefixtures("trained")
def test_the_curves_grow_while_it_trains(change: Change, rewrite: Rewrite) -> None:
    params = change("train.epochs", 3)
    rewrite(params)
    seen = []

    def look(epoch: float, _: float) -> None:
        rows = {
            path.name: len(list(read_csv(path, made_by="dvc repro train")))
            for path in Path("metrics/train").iterdir()
        }
        seen.append((epoch, rows))

    with train.own_checkpoints(params) as checkpoints:
        train.train_summarizer(params, checkpoints, on_epoch=look)
    assert seen == [(1.0, {"loss.csv": 2, "dev.csv": 1}), (2.0, {"loss.csv": 4, "dev.csv": 2})]


@pytest.mark.usefixtures("trained")
def test_a_stopped_training_leaves_curves_that_can_be_read_and_nothing_of_the_one_before(
    change: Change,
) -> None:
    def stop(epoch: float, score: float) -> None:
        raise UserError(f"epoch {epoch} scored {score}")

    params = change("train.epochs", 3)
    with (
        pytest.raises(UserError, match=r"epoch 1\.0"),
        train.own_checkpoints(params) as checkpoints,
    ):
        train.train_summarizer(params, checkpoints, on_epoch=stop)
    assert sorted(path.name for path in Path("metrics/train").iterdir()) == ["dev.csv", "loss.csv"]
    assert [
        row["epoch"] for row in read_csv(Path("metrics/train/loss.csv"), made_by="dvc repro train")
    ] == ["0.5", "1.0"]
    assert [
        row["epoch"] for row in read_csv(Path("metrics/train/dev.csv"), made_by="dvc repro train")
    ] == ["1.0"]


def lacking(rows: int) -> Callable[..., Any]:
    """Return BART's forward pass on a machine that has memory for so many rows in training."""
    forward = BartForConditionalGeneration.forward

    @wraps(forward)
    def forward_where_it_fits(self: Any, *args: Any, **inputs: Any) -> Any:
        if self.training and len(inputs["input_ids"]) > rows:
            raise torch.OutOfMemoryError
        return forward(self, *args, **inputs)

    return forward_where_it_fits


@pytest.mark.usefixtures("trained")
def test_a_batch_that_lacks_memory_is_split_and_trains_the_same(
    change: Change,
    rewrite: Rewrite,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    params = change("model.dropout", 0.0, "train.batch_size", 6, "train.max_steps", 12)
    rewrite(params)
    train.main()
    losses = [
        float(row["loss"])
        for row in read_csv(Path("metrics/train/loss.csv"), made_by="dvc repro train")
    ]
    capsys.readouterr()
    monkeypatch.setattr(BartForConditionalGeneration, "forward", lacking(2))
    train.main()
    split = [
        float(row["loss"])
        for row in read_csv(Path("metrics/train/loss.csv"), made_by="dvc repro train")
    ]
    assert len(losses) == 12
    assert split == pytest.approx(losses, abs=1e-4)
    metrics = json.loads(Path("metrics/train.json").read_text(encoding="utf-8"))
    assert metrics["batch_split_into"] == 3
    sentence = "train: the memory does not suffice for a batch of 6; it is split into {} accum"
    said = [line for line in capsys.readouterr().out.splitlines() if "split" in line]
    assert [line[: len(sentence) - 1] for line in said] == [sentence.format(2), sentence.format(3)]


@pytest.mark.usefixtures("trained")
def test_where_one_row_is_too_large_the_training_ends_in_a_sentence(
    change: Change, rewrite: Rewrite, monkeypatch: pytest.MonkeyPatch
) -> None:
    rewrite(change("train.batch_size", 4))
    monkeypatch.setattr(BartForConditionalGeneration, "forward", lacking(0))
    with pytest.raises(UserError, match=r"does not suffice for this training: lower train\."):
        train.main()


@pytest.mark.parametrize(
    ("batch_size", "processes", "splits"),
    [(12, 1, [2, 3, 4, 6, 12]), (5, 1, [5]), (12, 2, [2, 3, 6]), (1, 1, []), (16, 4, [2, 4])],
)
def test_a_batch_is_split_into_equal_parts(
    change: Change, batch_size: int, processes: int, splits: list[int]
) -> None:
    settings = change("train.batch_size", batch_size, "train.processes", processes).train
    found = []
    parts: int | None = 1
    while parts := train.more_parts(settings, parts):
        found.append(parts)
    assert found == splits


@pytest.mark.usefixtures("trained")
def test_the_model_card_names_data_params_and_score() -> None:
    card = Path("models/summarizer/README.md").read_text(encoding="utf-8")
    metrics = json.loads(Path("metrics/train.json").read_text(encoding="utf-8"))
    for split, rows in [("train", 8), ("dev", 2), ("test", 2)]:
        digest = md5(Path(f"data/raw/{split}.csv").read_bytes(), usedforsecurity=False).hexdigest()
        assert f"| `{split}` | `{digest}` | {rows} |" in card
    assert '"d_model": 32' in card
    assert '"lr": 0.001' in card
    assert f"{metrics['greedy_rouge_mean']:.2f} `rouge_mean`" in card
    assert "Trained from scratch" in card


@pytest.mark.usefixtures("trained")
def test_the_model_card_has_what_the_hub_reads() -> None:
    from huggingface_hub import ModelCard

    card = ModelCard.load("models/summarizer/README.md")
    metrics = json.loads(Path("metrics/train.json").read_text(encoding="utf-8"))
    content = card.data.to_dict()
    assert content["language"] == "ko"
    assert "pipeline_tag" not in content  # transformers 5 has no pipeline of that name any more
    assert "base_model" not in content
    assert "license" not in content
    [result] = card.data.eval_results or []
    assert (result.metric_type, result.metric_value) == ("rouge", metrics["greedy_rouge_mean"])


@pytest.mark.usefixtures("trained")
def test_transformers_loads_the_summarizer_and_it_writes_text(
    dialogues: list[tuple[str, str]],
) -> None:
    from transformers import AutoModelForSeq2SeqLM, AutoTokenizer

    model = AutoModelForSeq2SeqLM.from_pretrained("models/summarizer")
    tokenizer = AutoTokenizer.from_pretrained("models/summarizer")
    inputs = tokenizer(dialogues[0][0], return_tensors="pt")
    ids = model.generate(**inputs)
    assert 1 < ids.shape[1] <= 33  # tokenize.max_target_tokens, and the first
    assert tokenizer.decode(ids[0]).startswith("</s>")


@pytest.mark.usefixtures("trained")
def test_the_code_on_the_model_card_runs(capsys: pytest.CaptureFixture[str]) -> None:
    card = Path("models/summarizer/README.md").read_text(encoding="utf-8")
    code = card.split("```python\n")[1].split("```")[0]
    capsys.readouterr()
    exec(code, {})  # noqa: S102
    assert capsys.readouterr().out.startswith("</s>")


@pytest.mark.usefixtures("trained")
def test_a_second_run_gives_the_same_bytes_and_says_two_lines(
    files: Files, capfd: pytest.CaptureFixture[str]
) -> None:
    first = files(*OUTPUTS)
    train.main()
    assert files(*OUTPUTS) == first
    said = capfd.readouterr()
    lines = said.out.splitlines()
    assert [line[:17] for line in lines] == ["train: needs abou", "train: models/sum"]
    assert said.err == ""


@pytest.mark.usefixtures("trained")
def test_another_seed_gives_another_summarizer(
    change: Change, rewrite: Rewrite, files: Files
) -> None:
    first = files("models")
    rewrite(change("train.seed", 8))
    train.main()
    weights = "models/summarizer/model.safetensors"
    assert files("models")[weights] != first[weights]


@pytest.mark.usefixtures("trained")
def test_a_killed_training_goes_on_to_the_same_bytes(
    change: Change, rewrite: Rewrite, files: Files
) -> None:
    rewrite(change("train.epochs", 12))
    stage = subprocess.Popen(
        [sys.executable, "-m", "stages.train"],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )
    end = time.monotonic() + 60
    while not list(Path("models/checkpoints").glob("*/checkpoint-*/trainer_state.json")):
        assert stage.poll() is None
        assert time.monotonic() < end
        time.sleep(0.01)
    stage.kill()
    stage.wait()
    before = max(map(step, Path("models/checkpoints").glob("*/checkpoint-*")))
    assert 0 < before < 24
    [noted] = Path("models/checkpoints").glob("*/seconds")
    assert float(noted.read_text(encoding="ascii")) > 0
    noted.write_text("1000000.0", encoding="ascii")  # what the killed part took
    train.main()
    assert list(read_seconds().values())[-1] > 1_000_000
    resumed = files(*OUTPUTS)
    shutil.rmtree("models")
    train.main()
    assert files(*OUTPUTS) == resumed


@pytest.mark.usefixtures("project")
def test_the_same_training_twice_at_a_time_has_two_folders(change: Change) -> None:
    tokenize.main()
    with train.own_checkpoints(change()) as one:
        with train.own_checkpoints(change()) as other:
            assert other == one.with_name(f"{one.name}-1")
        with train.own_checkpoints(change("train.seed", 8)) as third:
            assert third.name != one.name
    assert list(Path("models/checkpoints").iterdir()) == []
    with train.own_checkpoints(change()) as again:
        assert again == one


def step(checkpoint: Path) -> int:
    return int(checkpoint.name.split("-")[1])


@pytest.mark.usefixtures("trained")
def test_a_summarizer_can_be_trained_further(
    change: Change, rewrite: Rewrite, files: Files
) -> None:
    shutil.copytree("models/summarizer", "base")
    Path("base/README.md").write_text("---\nlicense: apache-2.0\n---\n\n# Base\n", encoding="utf-8")
    first = files("models")
    rewrite(change("model.name", "base", "train.epochs", 1))
    tokenize.main()
    train.main()
    assert files("models").keys() == first.keys()
    again = json.loads(Path("models/summarizer/config.json").read_text(encoding="utf-8"))
    assert again == json.loads(first["models/summarizer/config.json"])
    card = Path("models/summarizer/README.md").read_text(encoding="utf-8")
    assert "Fine-tuned from `base`" in card
    assert "\nlicense: apache-2.0\n" in card


@pytest.mark.usefixtures("project")
def test_a_mistake_is_one_sentence_at_the_command_line() -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "stages.train"],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr == (
        "error: data/tokens/train.parquet is missing. It gets written by: dvc repro tokenize\n"
    )


@pytest.mark.usefixtures("project")
def test_a_summary_may_have_more_tokens_than_any_dialogue(change: Change, rewrite: Rewrite) -> None:
    rewrite(change("tokenize.max_source_tokens", 16, "tokenize.max_target_tokens", 40))
    tokenize.main()
    train.main()
    config = json.loads(Path("models/summarizer/config.json").read_text(encoding="utf-8"))
    assert config["max_position_embeddings"] == 40


@pytest.mark.usefixtures("trained")
def test_checkpoints_are_those_of_the_same_params_and_tokens(change: Change) -> None:
    def name(params: Params) -> str:
        return train.checkpoint_name(params.model, params.tokenize, params.train, params.rouge)

    first = name(change())
    assert name(change()) == first
    # With no dialogue truncated the tokens stay as they are, but the model has more positions.
    for key, value in [
        ("tokenize.max_source_tokens", 100),
        ("train.lr", 0.1),
        ("model.dropout", 0.2),
        ("rouge.variant", "sets"),
    ]:
        assert name(change(key, value)) != first
    path = Path("data/tokens/train.parquet")
    path.write_bytes(path.read_bytes() + b"more")
    assert name(change()) != first


@pytest.mark.parametrize(
    ("missing", "command"),
    [
        ("data/tokens/train.parquet", "tokenize"),
        ("data/clean/dev.parquet", "clean"),
        ("metrics/clean.json", "clean"),
    ],
)
@pytest.mark.usefixtures("trained")
def test_what_is_missing_is_said_before_anything_is_trained(
    files: Files, missing: str, command: str
) -> None:
    Path(missing).unlink()
    before = files(*OUTPUTS)
    with pytest.raises(UserError, match=rf"{missing} is missing.*dvc repro {command}"):
        train.main()
    assert files(*OUTPUTS) == before


@pytest.mark.usefixtures("project")
def test_the_model_card_names_the_language_of_the_data(
    change: Callable[..., Params], rewrite: Callable[[Params], None]
) -> None:
    from huggingface_hub import ModelCard

    rewrite(change("data.language", "en", "rouge.tokenizer", "english", "train.max_steps", 1))
    tokenize.main()
    train.main()
    card = ModelCard.load("models/summarizer/README.md")
    assert card.data.to_dict()["language"] == "en"
    assert "(english, counts)" in card.content
