from collections.abc import Callable
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer

from stages.command.errors import UserError
from stages.model.generate import TOKENS_IN_BATCH, generate, length_batches
from stages.model.tokenizer import encode
from stages.model.weights import build_model
from stages.params import Generate, Params

Change = Callable[..., Params]


@pytest.fixture
def model(change: Change, tokenizer: Tokenizer) -> Any:
    """Return a model whose random weights are large enough to say different things."""
    settings = change("model.init_std", 0.5).model
    return build_model(settings, tokenizer=tokenizer, positions=64, seed=3).eval()


@pytest.fixture
def sources(tokenizer: Tokenizer, dialogues: list[tuple[str, str]]) -> list[list[int]]:
    """Return the dialogues' ids, of uneven lengths."""
    encoded = encode(tokenizer, [dialogue for dialogue, _ in dialogues], max_tokens=64)
    assert len({len(one.ids) for one in encoded}) > 6
    return [one.ids for one in encoded]


def content(ids: list[int]) -> list[int]:
    """Take the padding off, which a batch's longest summary decides."""
    return [i for i in ids if i != 0]


SETTINGS = [(1, 1.0, 0), (4, 1.0, 0), (4, 2.0, 2), (3, -1.0, 3)]


@pytest.mark.parametrize(("num_beams", "length_penalty", "no_repeat_ngram_size"), SETTINGS)
def test_each_summary_is_that_of_its_dialogue_alone(
    model: Any,
    sources: list[list[int]],
    tiny: Params,
    num_beams: int,
    length_penalty: float,
    no_repeat_ngram_size: int,
) -> None:
    settings = Generate.model_validate(
        tiny.generate.model_dump()
        | {"num_beams": num_beams, "length_penalty": length_penalty}
        | {"no_repeat_ngram_size": no_repeat_ngram_size, "max_new_tokens": 20}
    )
    ours = [content(ids) for ids in generate(model, sources, settings)]
    theirs = [
        content(
            model.generate(
                torch.tensor([source], device=model.device),
                num_beams=num_beams,
                max_new_tokens=20,
                do_sample=False,
                no_repeat_ngram_size=no_repeat_ngram_size,
                **({"length_penalty": length_penalty} if num_beams > 1 else {}),
            )[0].tolist()
        )
        for source in sources
    ]
    assert ours == theirs
    assert len({tuple(ids) for ids in ours}) > 3


def test_summaries_come_in_the_order_of_their_dialogues(
    model: Any, sources: list[list[int]], tiny: Params
) -> None:
    there = generate(model, sources, tiny.generate)
    back = generate(model, sources[::-1], tiny.generate)
    assert [content(ids) for ids in back[::-1]] == [content(ids) for ids in there]
    assert len({tuple(ids) for ids in there}) > 3


def test_no_run_of_tokens_occurs_twice_where_that_is_forbidden(
    model: Any, sources: list[list[int]], change: Change
) -> None:
    settings = change("generate.no_repeat_ngram_size", 1, "generate.max_new_tokens", 30).generate
    for ids in generate(model, sources, settings):
        words = content(ids)[1:]
        assert len(set(words)) == len(words)


def test_no_summary_is_longer_than_asked_for(
    model: Any, sources: list[list[int]], change: Change
) -> None:
    settings = change("generate.max_new_tokens", 5).generate
    lengths = {len(ids) - 1 for ids in generate(model, sources, settings)}  # less the first
    assert max(lengths) == 5


def test_a_summary_may_be_as_long_as_the_model_has_positions(
    model: Any, sources: list[list[int]], change: Change
) -> None:
    settings = change("generate.max_new_tokens", 64, "generate.num_beams", 1).generate
    assert len(generate(model, sources, settings)) == len(sources)


def test_more_tokens_than_the_model_has_positions_are_refused(
    model: Any, sources: list[list[int]], change: Change
) -> None:
    settings = change("generate.max_new_tokens", 65).generate
    with pytest.raises(UserError, match=r"generate\.max_new_tokens: .* 65 .* 64"):
        generate(model, sources, settings)


def test_progress_adds_up_to_the_dialogues(
    model: Any, sources: list[list[int]], tiny: Params
) -> None:
    told: list[int] = []
    generate(model, sources, tiny.generate, on_batch=told.append)
    assert sum(told) == len(sources)


def test_nothing_gives_nothing(model: Any, tiny: Params) -> None:
    assert generate(model, [], tiny.generate) == []


def test_the_model_stays_as_it_was(model: Any, sources: list[list[int]], tiny: Params) -> None:
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    generate(model, sources, tiny.generate)
    assert all(torch.equal(before[name], tensor) for name, tensor in model.state_dict().items())
    assert all(weight.requires_grad for weight in model.parameters())


@given(st.lists(st.integers(1, 6000), max_size=300))
def test_batches_hold_each_dialogue_once_and_no_more_tokens_than_allowed(
    lengths: list[int],
) -> None:
    batches = list(length_batches(lengths))
    assert sorted(i for batch in batches for i in batch) == list(range(len(lengths)))
    for batch in batches:
        longest = max(lengths[i] for i in batch)
        assert len(batch) == 1 or longest * len(batch) <= TOKENS_IN_BATCH
    in_order = [lengths[i] for batch in batches for i in batch]
    assert in_order == sorted(lengths, reverse=True)
