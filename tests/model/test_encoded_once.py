from typing import Any

import pytest
import torch
from tokenizers import Tokenizer

from stages.model.encoded_once import EncodedOnce
from stages.model.engine import Torch
from stages.model.weights import build_model
from stages.params import Params
from stages.search.space import with_values

SETTINGS = [
    {"generate.num_beams": 1},
    {"generate.num_beams": 4, "generate.length_penalty": 0.5},
    {"generate.num_beams": 2, "generate.no_repeat_ngram_size": 2},
]


@pytest.fixture
def model(tiny: Params, tokenizer: Tokenizer) -> Any:
    return build_model(tiny.model, tokenizer=tokenizer, positions=64, seed=3).eval()


def test_every_setting_decodes_the_same_ids_and_the_encoder_works_once(
    model: Any, tiny: Params
) -> None:
    chance = torch.Generator().manual_seed(0)
    lengths = (30, 7, 19, 1, 30, 12)
    sources = [torch.randint(5, 100, (n,), generator=chance).tolist() for n in lengths]
    encoded = []
    model.get_encoder().register_forward_hook(lambda *_: encoded.append(1))
    once = EncodedOnce(model)
    ids = [once.generate(sources, with_values(tiny, values).generate) for values in SETTINGS]
    batches = len(encoded)
    again = [Torch(model).generate(sources, with_values(tiny, v).generate) for v in SETTINGS]
    assert ids == again
    assert len(encoded) == batches * (1 + len(SETTINGS))
