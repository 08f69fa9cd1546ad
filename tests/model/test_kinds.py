"""Every kind of model on the way through the stages, and what ends with a sentence instead."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tokenizers import Tokenizer

from stages.command.errors import UserError
from stages.model.kinds import check_kind, check_room, read_config, room
from stages.model.pretrained_tokenizer import save_pretrained_tokenizer
from stages.model.seq2seq import build_model
from stages.model.tokenizer import decode, describe_frame, encode, read_tokenizer, separator
from stages.params import Params
from tests.model import damage
from tests.model.folders import change_json, write_json
from tests.model.kinds import OTHER_KINDS, make_kind
from tests.model.matrix import KINDS, REFUSED, SLOW, Row, all_kinds, model_folder, walk
from tests.model.vocabularies import Texts

BY_TORCH = {
    *("led", "longt5", "bigbird-pegasus", "bert2bert", "marian", "blenderbot"),
    *("llama", "qwen3", "gpt2", "qwen3 + LoRA"),
}
"""The kinds that CTranslate2 has no converter for, or none that gives the same."""
DEV = Path(__file__).resolve().parents[3] / "shared" / "data" / "ko" / "dev.csv"


@pytest.mark.parametrize("kind", all_kinds())
def test_a_model_learns_by_heart_and_every_engine_ends_its_summaries(
    kind: str, tmp_path: Path
) -> None:
    (tmp_path / "pretrained").mkdir()
    (tmp_path / "project").mkdir()
    found = walk(kind, model_folder(kind, tmp_path / "pretrained"), tmp_path / "project")
    assert found == Row(
        kind=kind,
        frame=found.frame,
        same_loss=True,
        exact=max(found.exact, 1) if kind == SLOW else 4,
        ends=4,
        engine="torch" if kind in BY_TORCH else "ctranslate2",
        same_text=True,
        submitted=True,
        masks=True,
        blanks=kind != "bert2bert",  # its vocabulary does not write where there was a blank
        card=True,
    )


FRAMES = {
    "kobart": "<s> … </s>",
    "pko-t5": "… </s>",
    "t5": "… </s>",
    "mbart": "… </s> ko_KR",
    "mbart50": "ko_KR … </s>",
    "barthez": "<s> … </s>",
    "led": "<s> … </s>",
    "pegasus": "… </s>",
    "marian": "… </s>",
    "m2m100": "__ko__ … </s>",
    "nllb": "kor_Hang … </s>",
    "bert2bert": "[CLS] … [SEP]",
    "blenderbot": "… </s>",
}


@pytest.fixture
def adopted(pretrained_folder: Callable[[str], Path], tmp_path: Path) -> Callable[..., Path]:
    """Return the function that gives the folder that `tokenize` makes of a model's tokenizer."""

    def adopt(kind: str, folder: Path | None = None) -> Path:
        name = str(folder or pretrained_folder(kind))
        save_pretrained_tokenizer(name, read_config(name), folder=tmp_path / "adopted")
        return tmp_path / "adopted"

    return adopt


@pytest.mark.parametrize(("kind", "around"), FRAMES.items())
def test_a_text_stands_in_the_frame_of_its_kind(
    adopted: Callable[..., Path], kind: str, around: str
) -> None:
    tokenizer = read_tokenizer(adopted(kind))
    [encoded] = encode(tokenizer, ["#Person1#"], max_tokens=9)
    tokens = ["…" if t == "#Person1#" else t for t in map(tokenizer.id_to_token, encoded.ids)]
    assert " ".join(map(str, tokens)) == around


def test_a_kobart_without_names_of_its_special_tokens_is_framed_alike(
    adopted: Callable[..., Path], copy_of: Callable[[str], Path]
) -> None:
    folder = copy_of("kobart")
    write_json(folder / "tokenizer_config.json", {"tokenizer_class": "PreTrainedTokenizerFast"})
    (folder / "special_tokens_map.json").unlink(missing_ok=True)
    assert describe_frame(read_tokenizer(adopted("kobart", folder))) == "<s> … </s>"


def test_a_t5_of_version_1_1_keeps_its_own_head(
    adopted: Callable[..., Path],
    pretrained_folder: Callable[[str], Path],
    change: Callable[..., Params],
) -> None:
    import torch
    from transformers import AutoModelForSeq2SeqLM

    folder = pretrained_folder("t5-v1_1")
    theirs = AutoModelForSeq2SeqLM.from_pretrained(folder)
    model = build_model(
        change("model.name", str(folder)).model,
        tokenizer=read_tokenizer(adopted("t5-v1_1")),
        positions=64,
        seed=0,
    )
    rows = min(theirs.lm_head.weight.shape[0], model.lm_head.weight.shape[0])
    assert not torch.equal(theirs.lm_head.weight, theirs.shared.weight)
    assert torch.equal(model.lm_head.weight[:rows], theirs.lm_head.weight[:rows])
    assert torch.equal(model.shared.weight[:rows], theirs.shared.weight[:rows])
    assert model.config.scale_decoder_outputs is False


def test_rooms_are_found_under_every_name(pretrained_folder: Callable[[str], Path]) -> None:
    rooms = {
        kind: room(read_config(str(pretrained_folder(kind))))
        for kind in ("t5", "led", "blenderbot", "bert2bert")
    }
    led = read_config(str(pretrained_folder("led")))
    assert rooms["t5"] == (None, None)
    assert rooms["blenderbot"] == (128, 128)
    assert rooms["led"] == (
        led.max_encoder_position_embeddings,
        led.max_decoder_position_embeddings,
    )
    assert rooms["bert2bert"][0] is not None


@pytest.mark.parametrize(("name", "between"), [("kobart", "\n"), ("pko-t5", "\n")])
def test_a_real_vocabulary_writes_masks_and_turns_where_lora_adds_no_token(
    real_pretrained_folder: Callable[[str], Path], tmp_path: Path, name: str, between: str
) -> None:
    base = str(real_pretrained_folder(name))
    config = read_config(base)
    save_pretrained_tokenizer(base, config, folder=tmp_path / "made", adds_tokens=False)
    tokenizer = read_tokenizer(tmp_path / "made")
    assert max(tokenizer.get_vocab().values()) < config.vocab_size
    assert separator(tokenizer) == between
    texts = ["의사는 #Person2#에게 #Person1#의 약을 준다.", "#PhoneNumber#로 전화한다."]
    encoded = encode(tokenizer, texts, max_tokens=99)
    assert decode(tokenizer, [one.ids for one in encoded]) == texts
    turns = encode(tokenizer, ["#Person1#: 안녕.\n#Person2#: 응."], max_tokens=99)[0].ids
    assert sum(tokenizer.decode([i], skip_special_tokens=False) == "\n" for i in turns) == 1


# What cannot be trained is told before training.


@pytest.fixture
def refusal(tmp_path: Path) -> Callable[[Path], str]:
    """Return the function that gives the one sentence with which `tokenize` refuses a model."""

    def refuse(folder: Path) -> str:
        name = str(folder)
        config = read_config(name)
        with pytest.raises(UserError) as error:
            adopt_checked(name, config, folder=tmp_path / "made")
        sentence = str(error.value).replace(name, "X")
        assert sentence.startswith("model.name: X ")
        assert "\n" not in sentence
        return sentence

    return refuse


def adopt_checked(name: str, config: Any, *, folder: Path) -> None:
    check_kind(config, name)
    check_room(config, name, source_tokens=64, target_tokens=64)
    save_pretrained_tokenizer(name, config, folder=folder)


@pytest.mark.parametrize(
    ("kind", "what"),
    [
        ("bert", "is an encoder alone (bert)"),
    ],
)
def test_other_kinds_are_named_with_what_fits(
    refusal: Callable[[Path], str],
    dialogues: list[tuple[str, str]],
    tmp_path: Path,
    kind: str,
    what: str,
) -> None:
    assert kind in OTHER_KINDS
    (tmp_path / "model").mkdir()
    make_kind(kind, tmp_path / "model", texts_of(dialogues))
    sentence = refusal(tmp_path / "model")
    assert what in sentence
    assert "take an encoder-decoder" in sentence


@pytest.fixture
def copy_of(pretrained_folder: Callable[[str], Path], tmp_path: Path) -> Callable[[str], Path]:
    """Return the function that copies a kind's folder, to damage it."""

    def copy(kind: str) -> Path:
        return Path(shutil.copytree(pretrained_folder(kind), tmp_path / f"damaged-{kind}"))

    return copy


def test_a_model_without_a_start_is_refused(
    refusal: Callable[[Path], str], copy_of: Callable[[str], Path]
) -> None:
    folder = copy_of("kobart")
    damage.without_decoder_start(folder)
    assert "has no decoder_start_token_id in its config.json" in refusal(folder)


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"eos_token_id": None}, "has no eos_token_id in its config.json"),
        ({"pad_token_id": None}, "has no pad_token_id in its config.json"),
        ({"eos_token_id": [1, 2]}, "has eos_token_id: [1, 2] in its config.json, and that is none"),
        ({"decoder_start_token_id": 99999}, "has decoder_start_token_id: 99999 in its config.json"),
        ({"is_encoder_decoder": False}, "its config.json has is_encoder_decoder: false"),
    ],
)
def test_a_config_that_cannot_be_trained_by_names_the_key(
    refusal: Callable[[Path], str],
    copy_of: Callable[[str], Path],
    values: dict[str, Any],
    told: str,
) -> None:
    folder = copy_of("kobart")
    (folder / "generation_config.json").unlink(missing_ok=True)
    change_json(folder / "config.json", **values)
    assert told in refusal(folder)


def test_a_start_that_the_generation_settings_alone_name_is_taken(
    adopted: Callable[..., Path], copy_of: Callable[[str], Path], change: Callable[..., Params]
) -> None:
    folder = copy_of("kobart")
    change_json(folder / "config.json", decoder_start_token_id=None)
    write_json(folder / "generation_config.json", {"decoder_start_token_id": 1})
    model = build_model(
        change("model.name", str(folder)).model,
        tokenizer=read_tokenizer(adopted("kobart", folder)),
        positions=64,
        seed=0,
    )
    assert model.config.decoder_start_token_id == 1
    assert model.generation_config.decoder_start_token_id == 1


def test_weights_of_another_shape_than_the_config_are_named(
    adopted: Callable[..., Path], copy_of: Callable[[str], Path], change: Callable[..., Params]
) -> None:
    folder = copy_of("kobart")
    tokenizer = read_tokenizer(adopted("kobart"))
    change_json(folder / "config.json", encoder_ffn_dim=128)
    with pytest.raises(UserError, match=r"has weights of another shape for \d+ .*fc1"):
        build_model(
            change("model.name", str(folder)).model, tokenizer=tokenizer, positions=64, seed=0
        )


def test_special_tokens_that_are_text_stay_text(
    adopted: Callable[..., Path], copy_of: Callable[[str], Path]
) -> None:
    # KoBART's own tokenizer.json has 122 of them.
    folder = copy_of("kobart")
    given = Tokenizer.from_file(str(folder / "tokenizer.json"))
    given.add_special_tokens(["ㅠㅠ", "^^", "😀", "<unused0>"])
    given.save(str(folder / "tokenizer.json"))
    tokenizer = read_tokenizer(adopted("kobart", folder))
    text = "#Person1#은 ㅠㅠ ^^.😀"
    [encoded] = encode(tokenizer, [text], max_tokens=99)
    assert decode(tokenizer, [encoded.ids]) == [text]
    unused = tokenizer.token_to_id("<unused0>")
    assert decode(tokenizer, [[unused, *encoded.ids]]) == [text]


def test_smiles_come_back_from_the_real_tokenizer(
    adopted: Callable[..., Path], real_pretrained_folder: Callable[[str], Path]
) -> None:
    tokenizer = read_tokenizer(adopted("kobart", real_pretrained_folder("kobart")))
    texts = ["#Person1#은 슬프다 ㅠㅠ", "좋아요 ^^ 😀", "#Person2#는 :-) 하고 웃는다."]
    ids = [one.ids for one in encode(tokenizer, texts, max_tokens=99)]
    assert decode(tokenizer, ids) == texts


@pytest.mark.parametrize("rows", [100, 4000])
def test_a_vocabulary_of_another_size_than_the_embeddings_is_refused(
    refusal: Callable[[Path], str], copy_of: Callable[[str], Path], rows: int
) -> None:
    folder = copy_of("kobart")
    damage.with_rows(folder, rows)
    assert f"embeddings of {rows}: they do not belong together" in refusal(folder)


def test_a_model_without_tokenizer_is_refused(
    refusal: Callable[[Path], str], copy_of: Callable[[str], Path]
) -> None:
    folder = copy_of("kobart")
    damage.without_tokenizer(folder)
    assert "tokenizer.json" in refusal(folder)


def test_a_tokenizer_of_a_class_without_a_file_is_refused(
    refusal: Callable[[Path], str], pretrained_folder: Callable[[str], Path]
) -> None:
    assert "has no tokenizer.json" in refusal(pretrained_folder(REFUSED))


def test_a_broken_tokenizer_is_refused(
    refusal: Callable[[Path], str], copy_of: Callable[[str], Path]
) -> None:
    folder = copy_of("kobart")
    content = (folder / "tokenizer.json").read_bytes()
    (folder / "tokenizer.json").write_bytes(content[: len(content) // 2])
    assert "cannot be loaded" in refusal(folder)


def test_longer_texts_than_a_kind_has_positions_for_are_refused_in_tokenize(
    copy_of: Callable[[str], Path],
) -> None:
    name = str(copy_of("kobart"))
    most = room(read_config(name)).source
    assert most
    with pytest.raises(
        UserError, match=rf"takes at most {most} tokens; lower tokenize\.max_source"
    ):
        check_room(read_config(name), name, source_tokens=most + 1, target_tokens=8)


@pytest.mark.parametrize(
    ("harm", "told"),
    [
        (damage.without_weights, "cannot be loaded"),
        (damage.with_truncated_weights, "cannot be loaded"),
        (damage.with_pickled_weights, "cannot be loaded"),
        (lambda folder: damage.with_weights_missing_inside(folder, "fc1"), "has no weights for"),
    ],
)
def test_weights_that_are_not_whole_are_refused(
    adopted: Callable[..., Path],
    copy_of: Callable[[str], Path],
    change: Callable[..., Params],
    harm: Callable[[Path], None],
    told: str,
) -> None:
    folder = copy_of("kobart")
    tokenizer = read_tokenizer(adopted("kobart"))
    harm(folder)
    with pytest.raises(UserError, match=told) as error:
        build_model(
            change("model.name", str(folder)).model, tokenizer=tokenizer, positions=64, seed=0
        )
    assert "\n" not in str(error.value)


def test_a_sentencepiece_file_alone_is_read(
    adopted: Callable[..., Path],
    copy_of: Callable[[str], Path],
    dialogues: list[tuple[str, str]],
) -> None:
    from transformers import AutoTokenizer

    folder = copy_of("t5")
    damage.with_sentencepiece_only(folder, texts_of(dialogues))
    damage.with_rows(folder, len(AutoTokenizer.from_pretrained(folder)))
    tokenizer = read_tokenizer(adopted("t5", folder))
    summaries = [summary for _, summary in dialogues]
    ids = [one.ids for one in encode(tokenizer, summaries, max_tokens=99)]
    assert decode(tokenizer, ids) == summaries


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind not in ("bert2bert", REFUSED)])
def test_every_real_reference_comes_back_from_its_ids(
    kind: str, tmp_path: Path, real_references: Texts
) -> None:
    folder = tmp_path / "model"
    folder.mkdir()
    make_kind(kind, folder, real_references)
    assert_all_come_back(folder, tmp_path, real_references)


@pytest.mark.parametrize("name", ["kobart", "pko-t5"])
def test_every_real_reference_comes_back_from_real_ids(
    name: str, tmp_path: Path, real_references: Texts, real_pretrained_folder: Callable[[str], Path]
) -> None:
    assert_all_come_back(real_pretrained_folder(name), tmp_path, real_references)


def assert_all_come_back(folder: Path, tmp_path: Path, texts: Texts) -> None:
    save_pretrained_tokenizer(str(folder), read_config(str(folder)), folder=tmp_path / "made")
    tokenizer = read_tokenizer(tmp_path / "made")
    ids = [one.ids for one in encode(tokenizer, texts, max_tokens=999)]
    wrong = [pair for pair in zip(texts, decode(tokenizer, ids), strict=True) if pair[0] != pair[1]]
    assert wrong == []


@pytest.fixture(scope="module")
def real_references() -> Texts:
    """Return the cleaned references of the real development set."""
    if not DEV.exists():
        pytest.skip("put the competition's data into ../shared/data/ko/ (CONTRIBUTING.md)")
    import csv

    with DEV.open(encoding="utf-8", newline="") as file:
        return tuple(" ".join(row["summary"].split()) for row in csv.DictReader(file))


def texts_of(dialogues: list[tuple[str, str]]) -> Texts:
    return tuple(turn for pair in dialogues for text in pair for turn in text.split("\n"))
