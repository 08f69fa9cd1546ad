import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer

from stages.command.errors import UserError
from stages.dialogue.masks import MASKS
from stages.model.kinds import read_config
from stages.model.pretrained_tokenizer import save_pretrained_tokenizer
from stages.model.tokenizer import (
    TURN,
    decode,
    encode,
    read_tokenizer,
    save_trained_tokenizer,
)

ROOT = Path(__file__).resolve().parents[2]
KINDS = ["bart", "marked", "mbart", "t5"]


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def tokens(tokenizer: Tokenizer, text: str) -> list[str]:
    (encoded,) = encode(tokenizer, [text], max_tokens=512)
    return [tokenizer.id_to_token(i) for i in encoded.ids]


def adopt(name: str, *, folder: Path) -> None:
    save_pretrained_tokenizer(name, read_config(name), folder=folder)


@pytest.fixture
def loaded(pretrained_folder: Callable[[str], Path], tmp_path: Path) -> Callable[[str], Tokenizer]:
    """Return the function that gives what `tokenize` makes of a pretrained tokenizer."""

    def load(kind: str) -> Tokenizer:
        adopt(str(pretrained_folder(kind)), folder=tmp_path / kind)
        return read_tokenizer(tmp_path / kind)

    return load


# The tokenizer that is trained here.


def test_the_first_ids_are_fixed(tokenizer: Tokenizer) -> None:
    assert [tokenizer.id_to_token(i) for i in range(4 + len(MASKS))] == [
        "<pad>",
        "<s>",
        "</s>",
        "<unk>",
        "#Person1#",
        "#Person2#",
        "#Person3#",
        "#Person4#",
        "#Person5#",
        "#Person6#",
        "#Person7#",
        "#PhoneNumber#",
        "#Address#",
        "#DateOfBirth#",
        "#PassportNumber#",
        "#SSN#",
        "#CardNumber#",
        "#CarNumber#",
        "#Email#",
    ]


def test_a_text_stands_between_start_and_end(tokenizer: Tokenizer) -> None:
    assert tokens(tokenizer, "#Person1#:") == ["<s>", "#Person1#", ":", "</s>"]


def test_turns_are_kept_apart_by_the_newline(tokenizer: Tokenizer) -> None:
    (encoded,) = encode(tokenizer, ["#Person1#\n#Person2#"], max_tokens=512)
    assert encoded.ids[1:-1] == [4, tokenizer.token_to_id("Ċ"), 5]
    assert tokenizer.decode(encoded.ids[1:-1], skip_special_tokens=False) == "#Person1#\n#Person2#"


@given(text=st.text(st.characters(exclude_categories=["Cs"])))
def test_no_character_is_unknown(tokenizer: Tokenizer, text: str) -> None:
    ids = tokenizer.encode(text, add_special_tokens=False).ids
    assert tokenizer.token_to_id("<unk>") not in ids or "<unk>" in text
    assert tokenizer.decode(ids, skip_special_tokens=False) == text


@given(
    text=st.lists(
        st.sampled_from(["가", "은 ", "책상", ", ", "5%", "R&B", "ㅎㅎ", "'", *MASKS, "\n", " "])
    ).map("".join)
)
def test_a_summary_is_decoded_as_it_was_but_for_blanks(tokenizer: Tokenizer, text: str) -> None:
    (encoded,) = encode(tokenizer, [text], max_tokens=512)
    assert decode(tokenizer, [encoded.ids]) == [" ".join(text.split())]


def test_decode_drops_every_special_token_but_the_masks(tokenizer: Tokenizer) -> None:
    words = tokenizer.encode("가요", add_special_tokens=False).ids
    person, email = tokenizer.token_to_id("#Person1#"), tokenizer.token_to_id("#Email#")
    ids = [2, 1, person, *words, 3, email, 2, 0, 0]
    assert decode(tokenizer, [ids, [], [2, 0]]) == ["#Person1#가요#Email#", "", ""]


def test_the_vocabulary_is_no_larger_than_asked_for(tokenizer: Tokenizer) -> None:
    assert tokenizer.get_vocab_size() == 400


TRAIN = """
import json, pathlib, sys
from stages.model.tokenizer import save_trained_tokenizer
save_trained_tokenizer(json.load(sys.stdin), vocab_size=400, folder=pathlib.Path(sys.argv[1]))
"""


def train(folder: Path, texts: list[str], **environment: str) -> dict[str, bytes]:
    """Train in a process of its own."""
    subprocess.run(
        [
            sys.executable,
            "-c",
            TRAIN,
            str(folder),
        ],
        input=json.dumps(texts),
        env=os.environ | {"PYTHONPATH": str(ROOT)} | environment,
        text=True,
        check=True,
    )
    return contents(folder)


def test_the_same_texts_give_the_same_bytes_in_any_process(
    dialogues: list[tuple[str, str]], tokenizer_folder: Path, tmp_path: Path
) -> None:
    texts = [text for pair in dialogues for text in pair]
    wanted = contents(tokenizer_folder)
    assert sorted(wanted) == ["tokenizer.json", "tokenizer_config.json"]
    save_trained_tokenizer(iter(texts), vocab_size=400, folder=tmp_path / "again")
    assert contents(tmp_path / "again") == wanted
    one = {"PYTHONHASHSEED": "1", "RAYON_NUM_THREADS": "1", "TOKENIZERS_PARALLELISM": "false"}
    four = {"PYTHONHASHSEED": "99", "RAYON_NUM_THREADS": "4", "TOKENIZERS_PARALLELISM": "true"}
    assert train(tmp_path / "one", texts, **one) == wanted
    assert train(tmp_path / "four", texts, **four) == wanted


def test_transformers_reads_it_and_encodes_alike(
    dialogues: list[tuple[str, str]], tokenizer: Tokenizer, tokenizer_folder: Path
) -> None:
    from transformers import AutoTokenizer

    theirs = AutoTokenizer.from_pretrained(tokenizer_folder)
    texts = [text for pair in dialogues for text in pair]
    ours = [encoded.ids for encoded in encode(tokenizer, texts, max_tokens=512)]
    assert theirs(texts)["input_ids"] == ours
    assert sorted(theirs("가")) == ["attention_mask", "input_ids"]  # what `generate` takes
    assert (theirs.pad_token_id, theirs.bos_token_id, theirs.eos_token_id) == (0, 1, 2)


# Truncation.

TURNS = st.lists(st.text("가나다 .", max_size=12), min_size=1, max_size=8)


@given(turns=TURNS, room=st.integers(16, 60))
def test_whole_turns_are_kept_from_the_first_on(
    tokenizer: Tokenizer, turns: list[str], room: int
) -> None:
    (encoded,) = encode(tokenizer, ["\n".join(turns)], max_tokens=room)
    assert len(encoded.ids) <= room
    kept = turns[: len(turns) - encoded.turns_left_out]
    text = tokenizer.decode(encoded.ids, skip_special_tokens=True)
    if encoded.cut:
        assert len(kept) == 1
        assert kept[0].startswith(text.rstrip("\ufffd"))
    else:
        assert text == "\n".join(kept)
    if encoded.turns_left_out:  # and the next one would not have fitted
        longer = "\n".join(turns[: len(kept) + 1])
        (whole,) = encode(tokenizer, [longer], max_tokens=10_000)
        assert len(whole.ids) > room


def test_a_text_that_just_fits_is_whole(tokenizer: Tokenizer) -> None:
    text = "#Person1#: 네.\n#Person2#: 아니요."
    (whole,) = encode(tokenizer, [text], max_tokens=10_000)
    assert encode(tokenizer, [text], max_tokens=len(whole.ids)) == [whole]
    (shorter,) = encode(tokenizer, [text], max_tokens=len(whole.ids) - 1)
    assert (shorter.turns_left_out, shorter.cut) == (1, False)
    assert decode(tokenizer, [shorter.ids]) == ["#Person1#: 네."]


def test_a_first_turn_that_is_too_long_loses_its_end(tokenizer: Tokenizer) -> None:
    (encoded,) = encode(tokenizer, [f"#Person1#: {'가' * 200}\n#Person2#: 네."], max_tokens=20)
    assert (len(encoded.ids), encoded.turns_left_out, encoded.cut) == (20, 1, True)
    assert (encoded.ids[0], encoded.ids[1], encoded.ids[-1]) == (1, 4, 2)


def test_texts_do_not_depend_on_their_neighbours(
    dialogues: list[tuple[str, str]], tokenizer: Tokenizer
) -> None:
    texts = [dialogue for dialogue, _ in dialogues]
    together = encode(tokenizer, texts, max_tokens=40)
    assert together == [encode(tokenizer, [text], max_tokens=40)[0] for text in texts]
    assert encode(tokenizer, [], max_tokens=40) == []


# Pretrained tokenizers.


@pytest.mark.parametrize("kind", KINDS)
def test_every_mask_is_one_special_token_of_a_pretrained_tokenizer(
    loaded: Callable[[str], Tokenizer], kind: str
) -> None:
    tokenizer = loaded(kind)
    ids = [tokenizer.token_to_id(mask) for mask in MASKS]
    assert ids == list(range(ids[0], ids[0] + len(MASKS)))
    special = {t.content for t in tokenizer.get_added_tokens_decoder().values() if t.special}
    assert special >= set(MASKS)


@pytest.mark.parametrize("kind", KINDS)
def test_turns_are_kept_apart_in_a_pretrained_vocabulary(
    loaded: Callable[[str], Tokenizer], kind: str
) -> None:
    tokenizer = loaded(kind)
    found = tokens(tokenizer, "#Person1#\n#Person2#\n#Person1#")
    separator = "Ċ" if kind == "marked" else TURN
    assert [token for token in found if token in {*MASKS, separator}] == [
        "#Person1#",
        separator,
        "#Person2#",
        separator,
        "#Person1#",
    ]
    assert (tokenizer.token_to_id(TURN) is None) == (kind == "marked")


@pytest.mark.parametrize(
    ("kind", "start", "end"),
    [
        ("bart", ["<s>"], ["</s>"]),
        ("marked", ["<s>"], ["</s>"]),
        ("mbart", [], ["</s>", "ko_KR"]),
        ("t5", [], ["</s>"]),
    ],
)
def test_a_text_is_framed_as_its_model_is_used_to(
    loaded: Callable[[str], Tokenizer], kind: str, start: list[str], end: list[str]
) -> None:
    assert tokens(loaded(kind), "#Person1#") == [*start, "#Person1#", *end]


@pytest.mark.parametrize("kind", KINDS)
def test_truncation_keeps_whole_turns_in_a_pretrained_vocabulary(
    loaded: Callable[[str], Tokenizer], kind: str
) -> None:
    tokenizer = loaded(kind)
    text = "#Person1#: 내일 도서관에 갈까?\n#Person2#: 그래.\n#Person1#: 아홉 시에 보자."
    (whole,) = encode(tokenizer, [text], max_tokens=512)
    (shorter,) = encode(tokenizer, [text], max_tokens=len(whole.ids) - 1)
    assert (shorter.turns_left_out, shorter.cut) == (1, False)
    (kept,) = encode(tokenizer, ["\n".join(text.split("\n")[:2])], max_tokens=512)
    assert shorter.ids == kept.ids


@pytest.mark.parametrize("kind", ["marked", "bart"])
def test_a_pretrained_vocabulary_gives_the_text_back_without_a_blank_behind_a_mask(
    loaded: Callable[[str], Tokenizer], dialogues: list[tuple[str, str]], kind: str
) -> None:
    tokenizer = loaded(kind)
    summaries = [summary for _, summary in dialogues]
    encoded = encode(tokenizer, summaries, max_tokens=512)
    assert decode(tokenizer, [one.ids for one in encoded]) == summaries


@pytest.mark.parametrize("kind", ["mbart", "t5"])
def test_a_pretrained_piece_vocabulary_gives_the_letters_back(
    loaded: Callable[[str], Tokenizer], dialogues: list[tuple[str, str]], kind: str
) -> None:
    tokenizer = loaded(kind)
    summaries = [summary for _, summary in dialogues]
    encoded = encode(tokenizer, summaries, max_tokens=512)
    decoded = decode(tokenizer, [one.ids for one in encoded])
    assert ["".join(text.split()) for text in decoded] == [
        "".join(summary.split()) for summary in summaries
    ]


def test_a_pretrained_tokenizer_is_saved_with_the_same_bytes(
    pretrained_folder: Callable[[str], Path], tmp_path: Path
) -> None:
    # From another place as well: no path stands in the files.
    source = pretrained_folder("bart")
    shutil.copytree(source, tmp_path / "elsewhere")
    adopt(str(source), folder=tmp_path / "one")
    adopt(str(tmp_path / "elsewhere"), folder=tmp_path / "two")
    assert contents(tmp_path / "one") == contents(tmp_path / "two")


def test_masks_that_are_there_already_are_not_added_again(
    pretrained_folder: Callable[[str], Path], tmp_path: Path
) -> None:
    # As in a model that this project trained and somebody fine-tunes further.
    adopt(str(pretrained_folder("bart")), folder=tmp_path / "one")
    shutil.copy(pretrained_folder("bart") / "config.json", tmp_path / "one")
    adopt(str(tmp_path / "one"), folder=tmp_path / "two")
    one, two = read_tokenizer(tmp_path / "one"), read_tokenizer(tmp_path / "two")
    assert one.get_vocab() == two.get_vocab()
    dialogue = "#Person1#: 네.\n#Person2#: 네."
    assert encode(one, [dialogue], max_tokens=64) == encode(two, [dialogue], max_tokens=64)


def sentence(name: str, folder: Path) -> str:
    """Return what the user is told when the tokenizer of `name` cannot be had."""
    with pytest.raises(UserError) as error:
        save_pretrained_tokenizer(name, read_config(name), folder=folder / "made")
    assert not (folder / "made").exists()
    text = str(error.value)
    assert "\n" not in text
    assert text.startswith(f"model.name: {name} ")
    return text


def test_a_folder_without_a_tokenizer_is_one_sentence(
    pretrained_folder: Callable[[str], Path], tmp_path: Path
) -> None:
    (tmp_path / "model").mkdir()
    shutil.copy(pretrained_folder("bart") / "config.json", tmp_path / "model")
    assert "tokenizer.json" in sentence(str(tmp_path / "model"), tmp_path)


def test_a_broken_tokenizer_is_one_sentence(
    pretrained_folder: Callable[[str], Path], tmp_path: Path
) -> None:
    shutil.copytree(pretrained_folder("bart"), tmp_path / "model")
    path = tmp_path / "model/tokenizer.json"
    path.write_text(path.read_text(encoding="utf-8")[:500], encoding="utf-8")
    assert "tokenizer.json" in sentence(str(tmp_path / "model"), tmp_path)


@pytest.mark.parametrize("name", ["nobody/no-such-model", "no-such-folder", "./models/none"])
def test_what_cannot_be_reached_is_one_sentence_with_the_ways_out(
    name: str, tmp_path: Path
) -> None:
    # The hub is out of reach here: HF_HUB_OFFLINE.
    told = sentence(name, tmp_path)
    assert "folder" in told
    assert "`scratch`" in told
