import csv
import io
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import chdir
from pathlib import Path

import pytest

from stages import clean, evaluate, merge, predict, summarize, tokenize, train
from stages.command.errors import UserError
from stages.params import Params
from stages.paths import SUMMARIZER
from tests.conftest import DIALOGUES, ROOT, tiny_params, write_params, write_project
from tests.model.kinds import make_kind

Run = Callable[..., list[str]]
OUTPUTS = ("models", "metrics/train", "metrics/train.json")


def params(*changes: object) -> Params:
    return tiny_params(
        *("model.name", "models/base", "lora.rank", 4, "train.epochs", 3, "train.lr", 1e-2),
        *("tokenize.max_source_tokens", 300, "generate.max_new_tokens", 12, "train.batch_size", 4),
        *changes,
    )


@pytest.fixture(scope="module")
def adapted_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a project whose summarizer is an adapter of a tiny decoder-only model."""
    folder = tmp_path_factory.mktemp("adapted")
    turns = tuple(turn for pair in DIALOGUES for text in pair for turn in text.split("\n"))
    with chdir(folder):
        write_project()
        Path("models/base").mkdir(parents=True)
        make_kind("qwen3", Path("models/base"), turns)
        write_params(params())
        for stage in (clean, tokenize, train, evaluate, predict):
            stage.main()
    return folder


@pytest.fixture
def adapted(adapted_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the current folder: a copy of that project."""
    shutil.copytree(adapted_folder, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def run_merge(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Return the function that runs the command and returns the lines it printed."""

    def run(*arguments: str) -> list[str]:
        capsys.readouterr()
        monkeypatch.setattr(sys, "argv", ["merge", *arguments])
        merge.main()
        return capsys.readouterr().out.splitlines()

    return run


@pytest.mark.usefixtures("adapted")
def test_the_merged_folder_is_an_ordinary_one_in_bf16(run_merge: Run) -> None:
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    before = {path: path.read_bytes() for path in SUMMARIZER.rglob("*") if path.is_file()}
    line = run_merge()[-1]
    model, found = AutoModelForCausalLM.from_pretrained("models/merged", output_loading_info=True)
    assert model.dtype == torch.bfloat16
    assert not found["missing_keys"]
    assert AutoTokenizer.from_pretrained("models/merged").chat_template
    assert not list(Path("models/merged").glob("adapter*"))
    assert line.startswith("merge: models/merged has one model in bf16, dev rouge_mean ")
    assert line.partition("bf16, ")[2] in Path("models/merged/README.md").read_text("utf-8")
    assert {path: path.read_bytes() for path in before} == before


@pytest.mark.usefixtures("adapted")
def test_the_merged_model_computes_what_base_and_adapter_do(run_merge: Run) -> None:
    import torch
    from transformers import AutoModelForCausalLM

    run_merge("--out", "elsewhere")
    ids = torch.tensor([list(range(3, 40))])
    with torch.inference_mode():
        together = AutoModelForCausalLM.from_pretrained("elsewhere", dtype="float32")(ids).logits
        apart = AutoModelForCausalLM.from_pretrained(SUMMARIZER, dtype="float32")(ids).logits
        base = AutoModelForCausalLM.from_pretrained("models/base", dtype="float32")(ids).logits
    rounding = (together - apart).abs().max()
    assert rounding < 0.03 * apart.abs().max()
    assert rounding < (base - apart).abs().max() / 10


@pytest.mark.usefixtures("adapted")
def test_nothing_is_written_over_unasked(run_merge: Run) -> None:
    Path("models/merged").mkdir()
    with pytest.raises(UserError, match="is there already; name another folder, or add --force"):
        run_merge()
    run_merge("--force")
    with pytest.raises(UserError, match="is the adapter itself"):
        run_merge("--out", "models/summarizer", "--force")


@pytest.mark.usefixtures("trained")
def test_a_whole_model_needs_no_merging(run_merge: Run) -> None:
    with pytest.raises(UserError, match=r"is no adapter: model\.safetensors in it is the whole"):
        run_merge()


@pytest.mark.usefixtures("adapted")
def test_a_pasted_chat_has_the_prompt_of_the_submission(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def table(path: str) -> list[dict[str, str]]:
        with Path(path).open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    submitted = table("data/predictions/submission.csv")
    for row, prediction in zip(table("data/raw/test.csv"), submitted, strict=True):
        capsys.readouterr()
        monkeypatch.setattr(sys, "argv", ["summarize"])
        typed = io.TextIOWrapper(io.BytesIO(row["dialogue"].encode()))
        monkeypatch.setattr(sys, "stdin", typed)
        summarize.main()
        assert capsys.readouterr().out == prediction["summary"] + "\n"


@pytest.mark.usefixtures("adapted")
def test_a_killed_training_of_an_adapter_goes_on_to_the_same_bytes(
    files: Callable[..., dict[str, bytes]],
) -> None:
    write_params(params("train.epochs", 8))
    stage = subprocess.Popen(
        [sys.executable, "-m", "stages.train"], env=os.environ | {"PYTHONPATH": str(ROOT)}
    )
    end = time.monotonic() + 120
    while not list(Path("models/checkpoints").glob("*/checkpoint-*/trainer_state.json")):
        assert stage.poll() is None
        assert time.monotonic() < end
        time.sleep(0.01)
    stage.send_signal(signal.SIGKILL)
    stage.wait()
    train.main()
    resumed = files(*OUTPUTS)
    shutil.rmtree(SUMMARIZER)
    train.main()
    assert files(*OUTPUTS) == resumed


@pytest.mark.usefixtures("adapted")
def test_the_card_names_the_adapter_and_its_base() -> None:
    card = (SUMMARIZER / "README.md").read_text(encoding="utf-8")
    assert "Fine-tuned from `models/base`" in card
    assert '"rank": 4' in card
    assert "AutoModelForCausalLM" in card
