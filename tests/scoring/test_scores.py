"""Golden rows, by hand, of the figures beside ROUGE."""

import pytest

from stages.dialogue.records import Record
from stages.scoring.scores import SCORES

RECORDS = [
    Record("0", "", ["의사는 약을 권합니다.", "약을 먹는다."], ""),  # 3 and 2 words
    Record("1", "", ["#Person1#은 간다."], ""),  # 2
]


@pytest.mark.parametrize(
    ("score", "predictions", "figure"),
    [
        ("length_ratio", ["가 나 다", "라 마"], 5 / 4.5),
        ("length_ratio", ["", "네."], 1 / 4.5),
        ("length_ratio", ["", " "], 0),
    ],
)
def test_scores(score, predictions, figure):
    assert SCORES[score](RECORDS, predictions) == pytest.approx(figure)
