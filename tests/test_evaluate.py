import csv
import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from transformers import AutoModelForSeq2SeqLM

from stages import clean, evaluate, tokenize
from stages.command.errors import UserError
from stages.command.files import write_csv
from stages.dialogue.records import Record
from stages.params import Params
from stages.rouge.rouge import Scorer, rouge_mean
from stages.scoring.floors import CONSTANT

pytestmark = pytest.mark.usefixtures("trained")
Files = Callable[..., dict[str, bytes]]
OUTPUTS = ("data/predictions", "metrics")


def metrics(name: str) -> Any:
    return json.loads(Path(f"metrics/{name}.json").read_text(encoding="utf-8"))


def table(split: str) -> list[dict[str, str]]:
    path = Path(f"data/predictions/scored/{split}.csv")
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_it_writes_these_files_and_no_other(
    files: Files, capsys: pytest.CaptureFixture[str]
) -> None:
    before = files("data", "metrics", "models")
    capsys.readouterr()
    evaluate.main()
    assert sorted(set(files("data", "metrics", "models")) - set(before)) == [
        "data/predictions/scored/dev.csv",
        "data/predictions/scored/test.csv",
        "metrics/evaluate.json",
        "metrics/evaluate_errors.json",
        "metrics/evaluate_slices.csv",
        "metrics/floors.json",
        "metrics/test.json",
    ]
    said = capsys.readouterr()
    assert said.out.startswith("evaluate: dev rouge_mean ")
    assert "the best floor is" in said.out
    assert said.out.count("\n") == 1
    assert said.err == ""


def test_the_scores_have_the_names_that_scripts_lean_on() -> None:
    evaluate.main()
    scores = metrics("evaluate")
    assert list(scores) == [
        *("rouge1", "rouge2", "rougeL", "rouge_mean", "rouge_mean_low", "rouge_mean_high"),
        *("length_ratio", "n", "signature"),
    ]
    assert scores["n"] == 2
    assert scores["rouge_mean_low"] <= scores["rouge_mean"] <= scores["rouge_mean_high"]
    measures = (scores["rouge1"], scores["rouge2"], scores["rougeL"])
    assert scores["rouge_mean"] == pytest.approx(sum(measures) / 3, abs=1e-3)
    assert "tokenizer:mecab" in scores["signature"]


def test_the_floors_are_those_of_the_same_dialogues(dialogues: list[tuple[str, str]]) -> None:
    evaluate.main()
    floors = metrics("floors")
    assert list(floors) == ["constant", "first_two_turns", "longest_turn"]
    scorer = Scorer("mecab", "counts", "average")
    references = [[summary] for _, summary in dialogues[8:10]]
    constant = rouge_mean(scorer.per_dialogue([CONSTANT["ko"]] * 2, references))
    assert floors["constant"] == pytest.approx(constant, abs=1e-4)
    assert floors["constant"] > 0


def test_the_predictions_stand_beside_their_scores(dialogues: list[tuple[str, str]]) -> None:
    evaluate.main()
    rows = table("dev")
    assert list(rows[0]) == [
        *("id", "dialogue", "reference1", "prediction"),
        *("rouge1", "rouge2", "rougeL", "rouge_mean"),
    ]
    assert [(row["id"], row["dialogue"], row["reference1"]) for row in rows] == [
        (f"dev_{i}", *pair) for i, pair in enumerate(dialogues[8:10])
    ]
    mean = sum(float(row["rouge_mean"]) for row in rows) / len(rows)
    assert mean == pytest.approx(metrics("evaluate")["rouge_mean"], abs=1e-3)
    scorer = Scorer("mecab", "counts", "average")
    predictions = [row["prediction"] for row in rows]
    again = scorer.per_dialogue(predictions, [[row["reference1"]] for row in rows])
    assert [float(row["rouge_mean"]) for row in rows] == pytest.approx(
        (100 * again.mean(axis=1)).tolist(), abs=1e-3
    )


def test_a_prediction_holds_no_special_token_and_no_line_end() -> None:
    evaluate.main()
    for row in [*table("dev"), *table("test")]:
        assert "\n" not in row["prediction"]
        assert not any(token in row["prediction"] for token in ("<s>", "</s>", "<pad>", "<unk>"))


def test_test_is_scored_on_all_its_references() -> None:
    evaluate.main()
    scores = metrics("test")
    assert scores["n"] == 2
    assert "|refs:2|" in scores["signature"]
    assert list(scores) == list(metrics("evaluate"))
    assert [row["reference2"] for row in table("test")] == ["다른 요약."] * 2


@pytest.mark.parametrize("test_set", ["without references", "none"])
def test_without_references_test_is_not_scored(
    dialogues: list[tuple[str, str]], test_set: str
) -> None:
    evaluate.main()
    of_dev = metrics("evaluate"), metrics("floors")
    path = Path("data/raw/test.csv")
    path.unlink()
    if test_set == "without references":
        rows = [[f"test_{i}", dialogue] for i, (dialogue, _) in enumerate(dialogues[10:])]
        write_csv(path, ["fname", "dialogue"], rows)
    clean.main()
    tokenize.main()
    evaluate.main()
    assert metrics("test") == {"n": 0}
    assert [path.name for path in Path("data/predictions/scored").iterdir()] == ["dev.csv"]
    assert (metrics("evaluate"), metrics("floors")) == of_dev


def test_a_second_run_gives_the_same_bytes(files: Files) -> None:
    evaluate.main()
    first = files(*OUTPUTS)
    evaluate.main()
    assert files(*OUTPUTS) == first


def test_the_way_of_decoding_changes_predictions_and_not_the_summarizer(
    change: Callable[..., Params], rewrite: Callable[[Params], None], files: Files
) -> None:
    evaluate.main()
    first = files("data/predictions")
    weights = files("models")
    rewrite(change("generate.max_new_tokens", 2))
    evaluate.main()
    assert files("data/predictions") != first
    assert files("models") == weights


def test_more_tokens_than_the_model_can_write_leave_the_old_scores(
    change: Callable[..., Params], rewrite: Callable[[Params], None], files: Files
) -> None:
    evaluate.main()
    first = files(*OUTPUTS)
    rewrite(change("generate.max_new_tokens", 65))
    with pytest.raises(UserError, match=r"generate\.max_new_tokens: .* 65 "):
        evaluate.main()
    assert files(*OUTPUTS) == first


@pytest.mark.parametrize(
    ("missing", "command"),
    [
        ("models/summarizer/model.safetensors", "train"),
        ("data/tokens/dev.parquet", "tokenize"),
        ("data/clean/dev.parquet", "clean"),
    ],
)
def test_what_is_missing_is_named_with_the_command_that_makes_it(
    files: Files, missing: str, command: str
) -> None:
    Path(missing).unlink()
    with pytest.raises(UserError, match=rf"{missing} .*dvc repro {command}"):
        evaluate.main()
    assert files("data/predictions") == {}


@pytest.mark.parametrize(
    ("predictions", "words"),
    [
        (["", " "], "every one of the 2 predictions is empty: train it longer or with another"),
        (["", *["책을 샀다."] * 9], "1 of 10 predictions are empty"),
        (["", *["책을 샀다."] * 10], ""),
        (["빵", "표"], "none of the 2 predictions has a word of its reference: train it longer"),
        (["빵", "책"], ""),
    ],
)
def test_a_score_that_is_low_because_little_was_written_says_so(
    predictions: list[str], words: str
) -> None:
    records = [Record(str(i), "대화", ["책을 샀다."], "") for i in range(len(predictions))]
    references = [record.summaries for record in records]
    per_dialogue = Scorer("mecab", "counts", "average").per_dialogue(predictions, references)
    said = evaluate.warning(evaluate.ScoredSplit(records, predictions, per_dialogue, ""))
    assert said.startswith(words)
    assert bool(said) is bool(words)


def test_a_model_that_writes_nothing_scores_0_and_is_told_of(
    change: Callable[..., Params],
    rewrite: Callable[[Params], None],
    capsys: pytest.CaptureFixture[str],
) -> None:
    rewrite(change("generate.engine", "torch"))
    model = AutoModelForSeq2SeqLM.from_pretrained(evaluate.SUMMARIZER)
    model.final_logits_bias[0, model.config.eos_token_id] = 1e4  # it ends at once
    model.save_pretrained(evaluate.SUMMARIZER)
    capsys.readouterr()
    evaluate.main()
    assert [row["prediction"] for row in table("dev")] == ["", ""]
    assert metrics("evaluate")["rouge_mean"] == 0
    assert metrics("evaluate_errors")["empty"] == 2
    said = capsys.readouterr().out
    assert "evaluate: dev rouge_mean 0.00 [0.00, 0.00] on 2 dialogues" in said
    assert "every one of the 2 predictions is empty: train it longer" in said
    assert said.count("\n") == 1


def test_no_score_is_nan() -> None:
    evaluate.main()
    values = [*metrics("evaluate").values(), *metrics("floors").values()]
    assert all(math.isfinite(value) for value in values if isinstance(value, float))


def test_english_has_its_own_floors_and_mecab_is_told_of(
    change: Callable[..., Params],
    rewrite: Callable[[Params], None],
    capsys: pytest.CaptureFixture[str],
) -> None:
    rewrite(change("data.language", "en"))
    capsys.readouterr()
    evaluate.main()
    assert "warning: rouge.tokenizer: mecab is for Korean" in capsys.readouterr().out
    korean_sentence = metrics("floors")
    rewrite(change("data.language", "en", "rouge.tokenizer", "english"))
    evaluate.main()
    assert "warning" not in capsys.readouterr().out
    assert "|tokenizer:english|nltk:" in metrics("evaluate")["signature"]
    assert metrics("floors")["constant"] != korean_sentence["constant"]
