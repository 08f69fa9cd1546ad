from collections.abc import Callable
from typing import Any

import pytest
import torch
from tokenizers import Tokenizer

from stages.command.errors import UserError
from stages.model.seq2seq import build_model
from stages.model.tokenizer import encode
from stages.model.torch_engine import Torch
from stages.params import Generate, Params
from stages.search.space import with_values

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
    ours = [content(ids) for ids in Torch(model).generate(sources, settings)]
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
    there = Torch(model).generate(sources, tiny.generate)
    back = Torch(model).generate(sources[::-1], tiny.generate)
    assert [content(ids) for ids in back[::-1]] == [content(ids) for ids in there]
    assert len({tuple(ids) for ids in there}) > 3


def test_no_run_of_tokens_occurs_twice_where_that_is_forbidden(
    model: Any, sources: list[list[int]], change: Change
) -> None:
    settings = change("generate.no_repeat_ngram_size", 1, "generate.max_new_tokens", 30).generate
    for ids in Torch(model).generate(sources, settings):
        words = content(ids)[1:]
        assert len(set(words)) == len(words)


def test_no_summary_is_longer_than_asked_for(
    model: Any, sources: list[list[int]], change: Change
) -> None:
    settings = change("generate.max_new_tokens", 5).generate
    lengths = {len(ids) - 1 for ids in Torch(model).generate(sources, settings)}  # less the first
    assert max(lengths) == 5


def test_a_summary_may_be_as_long_as_the_model_has_positions(
    model: Any, sources: list[list[int]], change: Change
) -> None:
    settings = change("generate.max_new_tokens", 64, "generate.num_beams", 1).generate
    assert len(Torch(model).generate(sources, settings)) == len(sources)


def test_more_tokens_than_the_model_has_positions_are_refused(
    model: Any, sources: list[list[int]], change: Change
) -> None:
    settings = change("generate.max_new_tokens", 65).generate
    with pytest.raises(UserError, match=r"generate\.max_new_tokens: .* 65 .* 64"):
        Torch(model).generate(sources, settings)


def test_progress_adds_up_to_the_dialogues(
    model: Any, sources: list[list[int]], tiny: Params
) -> None:
    told: list[int] = []
    Torch(model).generate(sources, tiny.generate, on_batch=told.append)
    assert sum(told) == len(sources)


def test_nothing_gives_nothing(model: Any, tiny: Params) -> None:
    assert Torch(model).generate([], tiny.generate) == []


def test_the_model_stays_as_it_was(model: Any, sources: list[list[int]], tiny: Params) -> None:
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    Torch(model).generate(sources, tiny.generate)
    assert all(torch.equal(before[name], tensor) for name, tensor in model.state_dict().items())
    assert all(weight.requires_grad for weight in model.parameters())


SEVERAL = [
    {"generate.num_beams": 1},
    {"generate.num_beams": 4, "generate.length_penalty": 0.5},
    {"generate.num_beams": 2, "generate.no_repeat_ngram_size": 2},
]


def test_every_setting_decodes_the_same_ids_and_the_encoder_works_once(
    model: Any, tiny: Params
) -> None:
    chance = torch.Generator().manual_seed(0)
    lengths = (30, 7, 19, 1, 30, 12)
    sources = [torch.randint(5, 100, (n,), generator=chance).tolist() for n in lengths]
    encoded = []
    model.get_encoder().register_forward_hook(lambda *_: encoded.append(1))
    once = Torch(model, keeps_encoded=True)
    ids = [once.generate(sources, with_values(tiny, values).generate) for values in SEVERAL]
    batches = len(encoded)
    again = [Torch(model).generate(sources, with_values(tiny, v).generate) for v in SEVERAL]
    assert ids == again
    assert len(encoded) == batches * (1 + len(SEVERAL))
