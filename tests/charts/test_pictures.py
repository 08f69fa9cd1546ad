import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from stages.charts.pictures import PICTURES, pictures
from stages.charts.theme import palette
from tests.charts.test_search import FACTS, SPACES, TRIALS

ROOT = Path(__file__).resolve().parents[2]
AGAIN = """
import hashlib
from stages.charts.pictures import pictures
from tests.charts.test_search import FACTS, TRIALS
print(hashlib.sha256("".join(pictures(TRIALS, FACTS).values()).encode()).hexdigest())
"""


def words(picture: str) -> list[str]:
    root = ET.fromstring(picture)  # noqa: S314 (our own)
    return ["".join(text.itertext()) for text in root.iter("{http://www.w3.org/2000/svg}text")]


@pytest.mark.parametrize("n", [0, 1, len(TRIALS)])
def test_any_number_of_trials_has_the_same_files(n: int) -> None:
    drawn = pictures(TRIALS[:n], FACTS)
    assert list(drawn) == [
        f"{folder}{name}.svg" for folder in ("", "decoding/") for name in PICTURES
    ]
    assert all(words(picture) for picture in drawn.values())


def test_the_same_search_gives_the_same_bytes_in_this_process_and_in_another() -> None:
    first = pictures(TRIALS, FACTS)
    assert pictures(TRIALS, FACTS) == first
    told = [
        subprocess.run(
            [sys.executable, "-c", AGAIN], cwd=ROOT, check=True, capture_output=True
        ).stdout
        for _ in range(2)
    ]
    assert told[0] == told[1]


def test_axes_have_names_and_labels() -> None:
    drawn = {name: words(picture) for name, picture in pictures(TRIALS, FACTS).items()}
    assert {"trial, in order", "dev ROUGE mean, 0–100", "10", "failed"} <= {*drawn["history.svg"]}
    assert {"train.lr", "3e-4", "train.batch_size", "16"} <= {*drawn["slices.svg"]}
    assert {"train.lr", "3e-4", "32", "rouge_mean", "20"} <= {*drawn["parallel.svg"]}
    assert {"importance, %", "train.lr"} <= {*drawn["importance.svg"]}


def test_a_picture_asks_for_nothing_and_follows_the_theme_of_its_reader() -> None:
    for name, picture in pictures(TRIALS, FACTS).items():
        assert set(re.findall(r"https?://[^\"]+", picture)) <= {
            "http://www.w3.org/2000/svg",
            "http://www.w3.org/1999/xlink",
        }, name
        assert "var(--" not in picture
        light, dark = palette()["ink"]
        assert f'[fill="{light}"]{{fill:{dark}}}' in picture


def test_hostile_and_long_values_stay_words() -> None:
    names = ["</text><script>alert(1)</script>", "가나다" * 60, "adamw"]
    spaces = {"tune-a": SPACES["tune-a"] | {"train.optim": {"choices": names}}}
    rows = [one | {"train.optim": names[n % 3]} for n, one in enumerate(TRIALS[:7])]
    for picture in pictures(rows, FACTS | {"spaces": spaces}).values():
        assert "<script" not in picture
        shown = words(picture)
        assert all(len(word) < 100 for word in shown)
