import json
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
import torch
from ctranslate2.converters import TransformersConverter
from tokenizers import Tokenizer

from stages.command.errors import UserError
from stages.command.files import write_json
from stages.model.conversion import SEEN, Converter, other_score, summaries_to_find
from stages.model.ctranslate2_engine import CTranslate2
from stages.model.engine import read_summarizer
from stages.model.hypothesis import Hypothesis
from stages.model.kinds import read_config
from stages.model.pretrained_tokenizer import save_pretrained_tokenizer
from stages.model.seq2seq import build_model, read_model
from stages.model.tokenizer import decode, encode, read_tokenizer
from stages.model.torch_engine import Torch
from stages.model.trained import save_model
from stages.params import Engine, Generate, Params, load_params
from tests.conftest import tiny_params

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


@pytest.fixture
def folder_of(
    pretrained_folder: Callable[[str], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[[str], Path]:
    """Return the function that makes a kind as `train` saves it, in a folder of its own."""
    monkeypatch.chdir(tmp_path)  # what was seen of an engine is kept below the current folder

    def make(kind: str) -> Path:
        name, folder = str(pretrained_folder(kind)), tmp_path / kind
        save_pretrained_tokenizer(name, read_config(name), folder=folder)
        settings = tiny_params("model.name", name).model
        tokenizer = read_tokenizer(folder)
        model = build_model(settings, tokenizer=tokenizer, positions=64, seed=0)
        save_model(model, folder, max_new_tokens=20)
        return folder

    return make


def test_a_kind_without_converter_is_decoded_by_torch_and_it_is_remembered(
    folder_of: Callable[[str], Path], capsys: pytest.CaptureFixture[str]
) -> None:
    folder = folder_of("led")
    for _ in range(2):
        assert isinstance(read_summarizer(folder, "auto"), Torch)
        said = capsys.readouterr()
        assert "so torch decodes" in said.err
        assert said.out == ""
    [fault] = json.loads(SEEN.read_text(encoding="utf-8")).values()
    assert fault.startswith("cannot read this model (No conversion is registered")
    with pytest.raises(UserError, match="ctranslate2 cannot read this model"):
        read_summarizer(folder, "ctranslate2")


def test_an_engine_that_was_seen_to_differ_is_not_taken_again(
    folder_of: Callable[[str], Path], capsys: pytest.CaptureFixture[str]
) -> None:
    folder = folder_of("t5-v1_1")
    assert isinstance(read_summarizer(folder, "ctranslate2"), CTranslate2)
    read_summarizer(folder, "auto")
    seen = dict.fromkeys(json.loads(SEEN.read_text(encoding="utf-8")), "scores it otherwise")
    assert len(seen) == 1
    write_json(SEEN, seen)
    assert isinstance(read_summarizer(folder, "auto"), Torch)
    assert "ctranslate2 scores it otherwise, so torch" in capsys.readouterr().err


@pytest.mark.parametrize("content", ['{"ab', "null", "[]"])
def test_a_damaged_memory_is_made_anew(folder_of: Callable[[str], Path], content: str) -> None:
    folder = folder_of("led")
    SEEN.parent.mkdir(parents=True)
    SEEN.write_text(content, encoding="utf-8")
    assert isinstance(read_summarizer(folder, "auto"), Torch)
    assert len(json.loads(SEEN.read_text(encoding="utf-8"))) == 1


@pytest.mark.parametrize("kind", ["t5-v1_1", "pko-t5", "mt5"])
def test_the_loader_of_ctranslate2_alone_would_score_a_t5_1_1_wrongly(
    folder_of: Callable[[str], Path], tmp_path: Path, kind: str
) -> None:
    folder = folder_of(kind)
    tokenizer, model = read_tokenizer(folder), read_model(folder)
    tried = summaries_to_find(Torch(model), tokenizer)
    right, wrong = tmp_path / "right", tmp_path / "wrong"
    Converter(folder, model, tokenizer).convert(str(right))
    TransformersConverter(str(folder)).convert(str(wrong))
    faults = [
        other_score(CTranslate2(made, tokenizer, model.config, int8=False), tried)
        for made in (right, wrong)
    ]
    assert faults[0] == ""
    assert faults[1].startswith("scores a summary of this model -")


@pytest.mark.parametrize("kind", ["kobart", "mbart", "barthez", "pegasus", "umt5", "nllb"])
def test_both_engines_score_a_summary_alike(folder_of: Callable[[str], Path], kind: str) -> None:
    folder = folder_of(kind)
    found = read_summarizer(folder, "ctranslate2")
    assert isinstance(found, CTranslate2)
