"""What stands beside ROUGE in metrics/evaluate.json: one figure each, of all dialogues."""

from collections.abc import Callable, Sequence

from stages.dialogue.records import Record


def length_ratio(records: Sequence[Record], predictions: Sequence[str]) -> float:
    """Return how long the predictions are beside the references, in words: 1 is as long.

    >>> length_ratio([Record("0", "", ["의사는 약을 권합니다.", "약"], "")], ["약을 권합니다."])
    1.0

    ROUGE rewards what is as long as the references; of several the mean counts.
    """
    wanted = sum(
        sum(len(summary.split()) for summary in record.summaries) / len(record.summaries)
        for record in records
    )
    return sum(len(prediction.split()) for prediction in predictions) / wanted


SCORES: dict[str, Callable[[Sequence[Record], Sequence[str]], float]] = {
    "length_ratio": length_ratio,
}
"""Each by the name that it has in the metrics."""
