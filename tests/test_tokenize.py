import json
import string
from collections.abc import Callable
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from stages import tokenize
from stages.command.errors import UserError
from stages.model.tokenizer import encode, read_tokenizer
from stages.params import Params
from tests.model.kinds import make_kind

pytestmark = pytest.mark.usefixtures("project")
Files = Callable[..., dict[str, bytes]]
OUTPUTS = ("data/tokens", "metrics")


def test_it_writes_these_files_and_no_other(
    files: Files, capsys: pytest.CaptureFixture[str]
) -> None:
    before = files("data", "metrics")
    capsys.readouterr()
    tokenize.main()
    assert sorted(files("data", "metrics").keys() - before.keys()) == [
        "data/tokens/dev.parquet",
        "data/tokens/test.parquet",
        "data/tokens/tokenizer/tokenizer.json",
        "data/tokens/tokenizer/tokenizer_config.json",
        "data/tokens/train.parquet",
        "metrics/tokenize.json",
    ]
    said = capsys.readouterr()
    assert said.out == (
        "tokenize: 12 dialogues into data/tokens, each as <s> … </s>, 0 of them truncated\n"
    )
    assert said.err == ""


def test_it_counts_what_it_made() -> None:
    tokenize.main()
    metrics = json.loads(Path("metrics/tokenize.json").read_text(encoding="utf-8"))
    assert list(metrics) == ["vocabulary", "frame", "unknown_share", "dev", "test", "train"]
    assert metrics["vocabulary"] == 400
    assert (metrics["frame"], metrics["unknown_share"]) == ("<s> … </s>", 0.0)
    assert [metrics[split]["rows"] for split in ("train", "dev", "test")] == [8, 2, 2]
    assert metrics["train"]["dialogue_tokens_max"] <= 64


def test_rows_are_the_clean_ones_in_their_order(dialogues: list[tuple[str, str]]) -> None:
    tokenize.main()
    tokenizer = read_tokenizer(Path("data/tokens/tokenizer"))
    for split, pairs in [("train", dialogues[:8]), ("dev", dialogues[8:10])]:
        table = pq.read_table(f"data/tokens/{split}.parquet")
        assert table["id"].to_pylist() == [f"{split}_{i}" for i in range(len(pairs))]
        wanted = encode(tokenizer, [dialogue for dialogue, _ in pairs], max_tokens=64)
        assert table["input_ids"].to_pylist() == [one.ids for one in wanted]


def test_a_second_run_gives_the_same_bytes(files: Files) -> None:
    tokenize.main()
    first = files(*OUTPUTS)
    tokenize.main()
    assert files(*OUTPUTS) == first


def test_the_vocabulary_is_made_of_train_alone(files: Files) -> None:
    tokenize.main()
    first = files("data/tokens/tokenizer")
    for split in ("dev", "test"):
        Path(f"data/clean/{split}.parquet").unlink()
    tokenize.main()
    assert files("data/tokens/tokenizer") == first
    assert list(files("data/tokens")) == [
        "data/tokens/tokenizer/tokenizer.json",
        "data/tokens/tokenizer/tokenizer_config.json",
        "data/tokens/train.parquet",
    ]


def test_truncation_is_told(
    change: Callable[..., Params],
    rewrite: Callable[[Params], None],
    capsys: pytest.CaptureFixture[str],
) -> None:
    rewrite(change("tokenize.max_source_tokens", 32, "tokenize.max_target_tokens", 8))
    tokenize.main()
    metrics = json.loads(Path("metrics/tokenize.json").read_text(encoding="utf-8"))
    splits = [metrics[split] for split in ("train", "dev", "test")]
    truncated = sum(split["dialogues_truncated"] for split in splits)
    assert 0 < truncated < 12
    assert all(split["dialogue_tokens_max"] <= 32 for split in splits)
    assert all(split["summary_tokens_max"] <= 8 for split in splits)
    assert sum(split["summaries_truncated"] for split in splits) > 0
    assert f"{truncated} of them truncated" in capsys.readouterr().out


def test_without_clean_dialogues_it_names_the_command_that_makes_them(files: Files) -> None:
    Path("data/clean/train.parquet").unlink()
    with pytest.raises(UserError, match=r"data/clean/train\.parquet is missing.* dvc repro clean"):
        tokenize.main()
    assert files("data/tokens") == {}


@pytest.fixture
def t5_that_knows(tmp_path: Path) -> Callable[[tuple[str, ...]], str]:
    """Return the function that makes a T5 whose vocabulary has the characters of some texts."""

    def make(texts: tuple[str, ...]) -> str:
        (tmp_path / "t5").mkdir()
        make_kind("t5", tmp_path / "t5", texts)
        return str(tmp_path / "t5")

    return make


def test_a_vocabulary_that_cannot_write_the_language_is_refused(
    change: Callable[..., Params],
    rewrite: Callable[[Params], None],
    t5_that_knows: Callable[[tuple[str, ...]], str],
) -> None:
    english = string.ascii_letters + string.digits + string.punctuation
    name = t5_that_knows((*(f"{one}{two}" for one in english for two in "ab"), english))
    rewrite(change("model.name", name))
    with pytest.raises(UserError, match=r"\d\d\.\d\d% of the data's tokens are unknown .*another"):
        tokenize.main()
    assert not Path("data/tokens").exists()


def test_a_few_unknown_words_are_told_and_counted(
    change: Callable[..., Params],
    rewrite: Callable[[Params], None],
    t5_that_knows: Callable[[tuple[str, ...]], str],
    dialogues: list[tuple[str, str]],
    capsys: pytest.CaptureFixture[str],
) -> None:
    texts = tuple(line for pair in dialogues for text in pair for line in text.split("\n"))
    known = tuple(text.replace("찌", "치") for text in texts)  # in one dialogue, twice
    rewrite(change("model.name", t5_that_knows(known)))
    tokenize.main()
    metrics = json.loads(Path("metrics/tokenize.json").read_text(encoding="utf-8"))
    assert [metrics[split]["unknown_tokens"] for split in ("train", "dev", "test")] == [2, 0, 0]
    tokens = sum(metrics[split]["tokens"] for split in ("train", "dev", "test"))
    assert metrics["unknown_share"] == round(2 / tokens, 6)
    assert f"warning: {2 / tokens:.2%} of the data's tokens" in capsys.readouterr().out


def test_a_model_that_cannot_be_had_leaves_the_old_tokens(
    change: Callable[..., Params], rewrite: Callable[[Params], None], files: Files
) -> None:
    tokenize.main()
    before = files("data/tokens", "metrics")
    rewrite(change("model.name", "nobody/no-such-model"))
    with pytest.raises(UserError, match=r"model\.name: nobody/no-such-model"):
        tokenize.main()
    assert files("data", "metrics") == before | files("data/clean", "data/raw")
