import json
import re
import shutil
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from stages import paths, report
from stages.command.errors import UserError
from stages.params import load_params
from tests.page.scored_project import (
    Case,
    write_comparison,
    write_dev,
    write_search,
    write_training,
)

pytestmark = pytest.mark.usefixtures("project")

HOSTILE = Case(
    '#Person1#: <script>alert("dialogue")</script> <!-- <script>\n#Person2#: </script><b>네.</b>',
    '<img src="x" onerror="alert(1)">라고 말한다.',
    "</script><script>alert('prediction')</script>",
    "<!--<script>",
)


class Page(HTMLParser):
    """Reads the page as a browser does: its elements, its text, and what its scripts hold."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.scripts: list[str] = []
        self.text = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(tag)
        self.attributes += attrs
        if tag == "script":
            self.scripts.append("")

    def handle_data(self, data: str) -> None:
        if self.elements and self.lasttag == "script" and self.cdata_elem == "script":
            self.scripts[-1] += data
        elif self.lasttag != "style":
            self.text += data

    @property
    def words(self) -> str:
        return " ".join(self.text.split())


def build() -> Page:
    """Return the page in English, without the Korean one behind its switch."""
    params = Path("params.yaml")
    text = params.read_text(encoding="utf-8")
    params.write_text(text.replace("language: auto", "language: en"), encoding="utf-8")
    report.main()
    html = paths.REPORT.read_text(encoding="utf-8")
    return Page(re.sub(r"<template.*</template>", "", html, flags=re.DOTALL))


@pytest.fixture
def cases(dialogues: list[tuple[str, str]]) -> list[Case]:
    return [Case(dialogue, summary, summary) for dialogue, summary in dialogues[8:10]]


def test_the_page_is_one_small_file_that_asks_for_nothing(
    cases: list[Case], capsys: pytest.CaptureFixture[str]
) -> None:
    write_dev(cases)
    write_training()
    write_search()
    capsys.readouterr()
    page = build()
    assert re.fullmatch(
        r"report: metrics/report.html, [\d.]+ MB, 2 of 2 dialogues; open it in a browser\n",
        capsys.readouterr().out,
    )
    assert paths.REPORT.stat().st_size < 2e6
    assert "link" in page.elements  # the icon, which is empty
    sources = [value for name, value in page.attributes if name in ("src", "href")]
    assert all(value and value.startswith(("data:", "#")) for value in sources)
    (policy,) = [value for name, value in page.attributes if value and "default-src" in value]
    assert "default-src 'none'" in str(policy)
    assert "unsafe-eval" not in str(policy)


def test_the_same_run_gives_the_same_bytes(cases: list[Case]) -> None:
    write_dev(cases)
    write_training()
    write_search()
    build()
    first = paths.REPORT.read_bytes()
    build()
    assert paths.REPORT.read_bytes() == first


def test_everything_that_the_stages_wrote_stands_in_it(cases: list[Case]) -> None:
    write_dev(cases)
    write_training()
    write_search()
    page = build()
    metrics = json.loads(paths.SCORE_METRICS.read_text(encoding="utf-8"))
    floors = json.loads(paths.FLOOR_METRICS.read_text(encoding="utf-8"))
    for score in (metrics["rouge_mean"], metrics["rouge_mean_low"], *floors.values()):
        assert f"{score:.2f}" in page.words
    assert metrics["signature"] in page.words
    assert "the weights are those of epoch 2, the best on dev (30.50" in page.words
    assert "12,345 parameters" in page.words
    assert (
        "Better than the noise: +2.50 [+1.00, +4.00] rouge_mean, p 0.0020. Over 2 seeds each"
        in (page.words)
    )
    assert "75 seconds of training, 30 of them to confirm the best over seeds." in page.words
    assert "python -m stages.promote writes the winner's values" in page.words
    assert "Difference +2.50 points, 95% interval +1.00 to +4.00, p 0.0020" in page.words
    assert "out of memory" in page.words
    charts = json.loads(page.scripts[0])["specs"]["en"]
    assert list(charts) == [
        *(
            "scores",
            "loss",
            "dev",
            "lengths",
            "history",
            "tried",
            "over train.lr",
            "over train.optim",
        ),
        *("importance", "parallel"),
    ]
    bars = {bar["key"]: bar["share"] for bar in charts["importance"]["data"]["values"]}
    assert bars == {"train.lr": 75.0, "train.optim": 25.0}
    assert [name for name, _ in page.attributes].count("data-chart") == len(charts)


def test_of_a_winner_that_was_promoted_it_says_so(cases: list[Case]) -> None:
    write_dev(cases)
    write_search()
    path = paths.TUNE / "best.yaml"
    best = json.loads(path.read_text(encoding="utf-8"))
    for lr, promoted in ((0.5, False), (load_params().train.lr, True)):
        best["values"] = {"train.lr": lr}
        path.write_text(json.dumps(best), encoding="utf-8")
        words = build().words
        assert ("params.yaml has the winner's values." in words) is promoted
        assert ("python -m stages.promote" in words) is not promoted
        assert "present params" not in words


def test_experiments_that_were_compared_stand_in_it(cases: list[Case]) -> None:
    write_dev(cases)
    assert "None were compared yet" in build().words
    score = json.loads(paths.SCORE_METRICS.read_text(encoding="utf-8"))["rouge_mean"]
    write_comparison("quick-fox", "main", "<b>other</b>", score=score)
    page = build()
    assert "None were compared yet" not in page.words
    assert "The score above is not among them" not in page.words
    interval = f"{score - 3:.2f}–{score + 3:.2f}"
    row = f"quick-foxtrain.lr=1.0{score:.2f}{interval}+5.00+5.00…+5.000.0001better60"
    assert row in page.words
    assert "other scorer" in page.words
    assert "Differences are to main." in page.words
    chart = json.loads(page.scripts[0])["specs"]["en"]["compared"]
    drawn = {value["name"]: value["verdict"] for value in chart["data"]["values"]}
    assert drawn == {"quick-fox": "better", "main": "baseline", "<b>other</b>": "not compared"}
    lines = [line["line"] for line in chart["layer"][0]["data"]["values"]]
    assert lines == ["baseline", "Constant (floor)"]


def test_a_comparison_without_the_present_run_says_so(cases: list[Case]) -> None:
    write_dev(cases)
    score = json.loads(paths.SCORE_METRICS.read_text(encoding="utf-8"))["rouge_mean"]
    write_comparison("quick-fox", "main", score=score + 1)
    assert "The score above is not among them" in build().words


def test_a_comparison_in_conflict_is_one_sentence(cases: list[Case]) -> None:
    write_dev(cases)
    paths.COMPARED.write_text('{\n<<<<<<< HEAD\n  "rows": []\n', encoding="utf-8")
    with pytest.raises(
        UserError, match=r"compare\.json cannot be read \(.*: line 2 .*compare --report"
    ):
        report.main()


def test_a_dialogue_is_shown_and_never_part_of_the_page(cases: list[Case]) -> None:
    write_dev(cases)
    harmless = build().elements
    write_dev([*cases, HOSTILE])
    page = build()
    assert page.elements.count("script") == harmless.count("script")
    assert page.elements.count("img") == page.elements.count("b") - harmless.count("b") == 0
    told = json.loads(page.scripts[1])["dialogues"][2]
    assert told["dialogue"] == HOSTILE.dialogue
    assert "".join(told["prediction"]) == HOSTILE.prediction
    assert "".join(told["references"][0]) == HOSTILE.reference
    assert told["topic"] == HOSTILE.topic


def test_an_example_of_cleaning_is_text_too(cases: list[Case]) -> None:
    write_dev([*cases, Case("#Person1#:<script>alert(1)</script>\n#Person2#: 네.", "네.", "네.")])
    page = build()
    assert "#Person1#:<script>alert(1)</script>" in page.words
    assert "#Person1#: <script>alert(1)</script>" in page.words  # a blank after the colon
    assert "space_colonsPut one blank after the colon of a turn" in page.words


def test_stages_that_have_not_run_are_left_out_with_a_sentence(cases: list[Case]) -> None:
    write_dev(cases)
    for path in (paths.LEAK_METRICS, paths.CLEAN_METRICS, paths.TOKEN_METRICS, paths.TEST_METRICS):
        path.unlink()
    page = build()
    assert "Nothing was searched" in page.words
    assert "dvc exp run -S tune.trials=12 tune" in page.words
    assert "No learning curves here" in page.words
    assert "Nobody looked for near-copies" in page.words
    assert "Nothing is known of the cleaning" in page.words
    assert "No lengths here" in page.words
    assert "Test has no references here" in page.words


@pytest.mark.parametrize(
    ("lost", "command"),
    [
        (paths.SCORE_METRICS, "dvc repro evaluate"),
        (paths.SLICES, "dvc repro evaluate"),
        (paths.SCORED, "dvc repro evaluate"),
        (paths.TOKENS, "dvc repro tokenize"),
        (paths.CLEAN, "dvc repro clean"),
    ],
)
def test_what_it_cannot_do_without_is_asked_for(
    cases: list[Case], lost: Path, command: str
) -> None:
    write_dev(cases)
    shutil.rmtree(lost) if lost.is_dir() else lost.unlink()
    with pytest.raises(UserError, match=f"is missing. It gets written by: {command}"):
        report.main()
    assert not paths.REPORT.exists()


def test_predictions_of_other_dialogues_are_no_predictions(cases: list[Case]) -> None:
    write_dev(cases)
    path = paths.SCORED / "dev.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("dev_1", "dev_9"), encoding="utf-8")
    with pytest.raises(UserError, match="other dialogues than data/clean"):
        report.main()


def test_near_copies_are_a_slice_unless_they_were_dropped(
    cases: list[Case], dialogues: list[tuple[str, str]]
) -> None:
    write_dev([*cases, Case(*dialogues[0], "네.")])  # its dialogue is the first of train
    page = build()
    ids = {one["id"]: one["slices"]["near_copy"] for one in data(page)}
    assert ids == {"dev_0": "no", "dev_1": "no", "dev_2": "yes"}
    assert "Training rows that are near-copies of dev or test: 1; nothing was dropped" in page.words
    leaks = json.loads(paths.LEAK_METRICS.read_text(encoding="utf-8"))
    leaks["leaks"]["train"]["dropped"] = 1
    paths.LEAK_METRICS.write_text(json.dumps(leaks), encoding="utf-8")
    assert all("near_copy" not in one["slices"] for one in data(build()))


def data(page: Page) -> Any:
    return json.loads(page.scripts[1])["dialogues"]


def test_every_slice_and_error_of_the_metrics_can_be_chosen(cases: list[Case]) -> None:
    """The page tells a dialogue's slices anew, and must cut them as `evaluate` does."""
    write_dev([*cases, HOSTILE])
    dialogues = data(build())
    for part in report.read_table(paths.SLICES, made_by="dvc repro evaluate"):
        chosen = [one for one in dialogues if one["slices"][part["slice"]] == part["value"]]
        assert len(chosen) == int(part["n"]), part
    counts = json.loads(paths.ERROR_METRICS.read_text(encoding="utf-8"))
    for name, count in counts.items():
        assert sum(name in one["errors"] for one in dialogues) == count, name
