import json
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
import torch
from tokenizers import Tokenizer

from stages.command.errors import UserError
from stages.model.ctranslate2_engine import CTranslate2
from stages.model.engine import read_summarizer
from stages.model.seq2seq import Hypothesis
from stages.model.tokenizer import decode, encode
from stages.model.torch_engine import Torch
from stages.params import Engine, Generate, Params, load_params

ENGINES: tuple[Engine, ...] = ("torch", "ctranslate2")
SETTINGS = [(1, 1.0, 0), (4, 1.0, 0), (4, 2.0, 2), (3, -1.0, 0)]


@pytest.fixture
def source(tokenizer: Tokenizer, dialogues: list[tuple[str, str]]) -> list[int]:
    [encoded] = encode(tokenizer, [dialogues[0][0]], max_tokens=64)
    return encoded.ids


def settings_of(
    change: Callable[..., Params], beams: int, penalty: float, no_repeat: int
) -> Generate:
    return change(
        *("generate.num_beams", beams, "generate.length_penalty", penalty),
        *("generate.no_repeat_ngram_size", no_repeat),
    ).generate


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(("beams", "penalty", "no_repeat"), SETTINGS)
def test_the_best_hypothesis_is_the_summary_and_the_rest_follow_by_score(
    untrained: Path,
    source: list[int],
    tokenizer: Tokenizer,
    change: Callable[..., Params],
    engine: Engine,
    beams: int,
    penalty: float,
    no_repeat: int,
) -> None:
    settings = settings_of(change, beams, penalty, no_repeat)
    summarizer = read_summarizer(untrained, engine)
    found = summarizer.hypotheses(source, settings)
    scores = [one.score for one in found]
    assert scores == sorted(scores, reverse=True)
    assert max(scores) < 0
    assert len(found) == beams
    texts = decode(tokenizer, [one.ids for one in found])
    assert len(set(texts)) == beams
    assert decode(tokenizer, summarizer.generate([source], settings)) == texts[:1]


@pytest.mark.parametrize(("beams", "penalty"), [(1, 1.0), (1, 2.0), (4, 1.0), (4, 2.0)])
def test_both_engines_find_the_same_with_the_same_scores(
    untrained: Path,
    source: list[int],
    tokenizer: Tokenizer,
    change: Callable[..., Params],
    beams: int,
    penalty: float,
) -> None:
    settings = settings_of(change, beams, penalty, 0)

    def told(found: Sequence[Hypothesis]) -> dict[str, float]:
        texts = decode(tokenizer, [one.ids for one in found])
        return dict(zip(texts, [one.score for one in found], strict=True))

    ours, theirs = (
        told(read_summarizer(untrained, e).hypotheses(source, settings)) for e in ENGINES
    )
    assert ours == pytest.approx(theirs, abs=1e-3)


def test_ctranslate2_leaves_the_process_its_threads(trained: Path) -> None:
    before = torch.get_num_threads()
    torch.set_num_threads(3)
    try:
        summarizer = read_summarizer(trained / "models/summarizer", "ctranslate2")
        assert isinstance(summarizer, CTranslate2)
        assert torch.get_num_threads() == 3
        assert summarizer.generate([[5, 6, 7]], load_params().generate)
        assert torch.get_num_threads() == 3
    finally:
        torch.set_num_threads(before)


def test_a_model_whose_config_the_converter_cannot_read_is_decoded_by_torch(
    untrained: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "model"
    shutil.copytree(untrained, folder)
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    del config["normalize_before"]
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
    assert isinstance(read_summarizer(folder, "auto"), Torch)
    assert "so torch decodes" in capsys.readouterr().out
    with pytest.raises(UserError, match="ctranslate2 cannot read this model"):
        read_summarizer(folder, "ctranslate2")
