"""The beams that a search ended."""

from typing import Any, NamedTuple

from stages.params import Generate


class Hypothesis(NamedTuple):
    """One of the beams, as the search ended it."""

    ids: list[int]
    score: float
    """Log-probability of the tokens, divided by their number to the power of `length_penalty`."""


def hypotheses_of(model: Any, request: dict[str, Any], settings: Generate) -> list[Hypothesis]:
    """Ask transformers' `generate` for all beams of one source, the best first."""
    found = model.generate(
        **request,
        num_return_sequences=settings.num_beams,
        return_dict_in_generate=True,
        output_scores=True,
    )
    ids: list[list[int]] = found.sequences.tolist()
    if settings.num_beams > 1:
        scores = found.sequences_scores
    else:  # greedy search adds nothing up
        chosen = model.compute_transition_scores(
            found.sequences, found.scores, normalize_logits=True
        )
        scores = chosen.sum(dim=1) / chosen.shape[1] ** settings.length_penalty
    return [Hypothesis(*pair) for pair in zip(ids, scores.tolist(), strict=True)]
