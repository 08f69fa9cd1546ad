"""The tokenizer: dialogues and summaries as token ids, and ids as text again.

The masks of the data are special tokens in one fixed order, and the turns of a dialogue stay apart:
by the newline where the vocabulary has one, else by the token `<turn>` that is added. The one of a
scratch model is trained here; `pretrained_tokenizer` brings others into this form. Works on the
library `tokenizers` alone: the import of `transformers` brings torch.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, trainers
from tokenizers.processors import TemplateProcessing

from stages.dialogue.masks import MASKS

PAD, BOS, EOS, UNK = "<pad>", "<s>", "</s>", "<unk>"
TURN = "<turn>"


class Frame(NamedTuple):
    """The ids that a tokenizer puts around a text."""

    before: list[int]
    after: list[int]


class Encoded(NamedTuple):
    """One text as token ids, and what of it did not fit."""

    ids: list[int]
    turns_left_out: int
    cut: bool
    """True where even the first turn was too long and lost its end."""

    @property
    def truncated(self) -> bool:
        """Tell whether any of it did not fit."""
        return self.cut or self.turns_left_out > 0


def save_trained_tokenizer(texts: Iterable[str], *, vocab_size: int, folder: Path) -> None:
    r"""Train a byte-level BPE vocabulary of at most `vocab_size` tokens, and save it.

    Byte-level, so that no character is unknown and "\n" is a token of its own. The same texts in
    the same order give the same bytes, which `AutoTokenizer.from_pretrained` reads.
    """
    tokenizer = Tokenizer(models.BPE(unk_token=UNK))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.train_from_iterator(
        texts,
        trainers.BpeTrainer(
            vocab_size=vocab_size,
            show_progress=False,
            special_tokens=special(PAD, BOS, EOS, UNK, *MASKS),
            initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        ),
    )
    tokenizer.post_processor = TemplateProcessing(
        single=f"{BOS} $A {EOS}",
        special_tokens=[(token, tokenizer.token_to_id(token)) for token in (BOS, EOS)],
    )
    names = {"pad_token": PAD, "bos_token": BOS, "eos_token": EOS, "unk_token": UNK}
    save_tokenizer(tokenizer, names, folder=folder)


def save_tokenizer(tokenizer: Tokenizer, names: Mapping[str, str], *, folder: Path) -> None:
    """Write what `read_tokenizer` and `AutoTokenizer.from_pretrained` read, and encode alike by.

    The class is the one that takes tokenizer.json as it is; others build parts of it anew.
    """
    settings = {"tokenizer_class": "PreTrainedTokenizerFast", "clean_up_tokenization_spaces": False}
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer.save(str(folder / "tokenizer.json"))
    content = json.dumps({**settings, **names}, indent=2, ensure_ascii=False) + "\n"
    (folder / "tokenizer_config.json").write_text(content, encoding="utf-8")


def read_tokenizer(folder: Path) -> Tokenizer:
    """Read a tokenizer that the stage `tokenize` wrote; it neither pads nor truncates."""
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return tokenizer


def encode(tokenizer: Tokenizer, texts: Sequence[str], *, max_tokens: int) -> list[Encoded]:
    """Encode each text into at most `max_tokens` ids, whole turns only.

    The last turns that do not fit are left out; a first turn that does not fit alone loses its end.
    """
    before, after = frame(tokenizer)
    between = separator(tokenizer)
    end_of_turn = _inner_ids(tokenizer, between)[0]
    room = max_tokens - len(before) - len(after)
    whole = [text.replace("\n", between) for text in texts]
    encodings = tokenizer.encode_batch_fast(whole, add_special_tokens=False)
    fitted = (_fit(encoding.ids, end_of_turn=end_of_turn, room=room) for encoding in encodings)
    return [encoded._replace(ids=before + encoded.ids + after) for encoded in fitted]


def decode(tokenizer: Tokenizer, ids: Sequence[Sequence[int]]) -> list[str]:
    """Turn generated ids into text on one line: the masks stay, every other special token goes."""
    added = tokenizer.get_added_tokens_decoder().items()
    silent = {number for number, token in added if token.special and token.content not in MASKS}
    kept = [[number for number in row if number not in silent] for row in ids]
    return [
        " ".join(text.split()) for text in tokenizer.decode_batch(kept, skip_special_tokens=False)
    ]


def separator(tokenizer: Tokenizer) -> str:
    """Return what stands between two turns: the newline, or `<turn>` where that is no token."""
    return "\n" if keeps_newline(tokenizer) else TURN


def keeps_newline(tokenizer: Tokenizer) -> bool:
    """Tell whether a newline is one token of the vocabulary, and comes back as it was."""
    ids = _inner_ids(tokenizer, "\n")
    return len(ids) == 1 and tokenizer.decode(ids, skip_special_tokens=False) == "\n"


def frame(tokenizer: Tokenizer) -> Frame:
    """Return the ids before and after a text: BART `[<s>], [</s>]`, T5 `[], [</s>]`."""
    [bare] = tokenizer.encode(MASKS[0], add_special_tokens=False).ids
    framed = tokenizer.encode(MASKS[0]).ids
    middle = framed.index(bare)
    return Frame(framed[:middle], framed[middle + 1 :])


def frame_tokens(tokenizer: Tokenizer) -> tuple[list[str], list[str]]:
    """Return what stands before and after a text as tokens, such as `["<s>"], ["</s>"]`."""
    before, after = ([str(tokenizer.id_to_token(i)) for i in ids] for ids in frame(tokenizer))
    return before, after


def describe_frame(tokenizer: Tokenizer) -> str:
    """Return what stands around a text, such as `<s> … </s>`."""
    before, after = frame_tokens(tokenizer)
    return " ".join([*before, "…", *after])


def unknown_id(tokenizer: Tokenizer) -> int | None:
    """Return the id that stands for what the vocabulary cannot write; None where it writes all."""
    model = json.loads(tokenizer.to_str())["model"]
    if "unk_id" in model:
        number: int | None = model["unk_id"]
        return number
    return tokenizer.token_to_id(model["unk_token"]) if model.get("unk_token") else None


def special(*tokens: str) -> list[AddedToken]:
    """Return special tokens that are found as they stand, before any normalization."""
    return [AddedToken(token, special=True, normalized=False) for token in tokens]


def _inner_ids(tokenizer: Tokenizer, text: str) -> list[int]:
    """Return the ids of a text as it is encoded between two turns."""
    return tokenizer.encode(f"{MASKS[0]}{text}{MASKS[0]}", add_special_tokens=False).ids[1:-1]


def _fit(ids: list[int], *, end_of_turn: int, room: int) -> Encoded:
    if len(ids) <= room:
        return Encoded(ids, 0, cut=False)
    ends = [*(place for place, number in enumerate(ids) if number == end_of_turn), len(ids)]
    kept = sum(end <= room for end in ends)
    if not kept:
        return Encoded(ids[:room], len(ends) - 1, cut=True)
    return Encoded(ids[: ends[kept - 1]], len(ends) - kept, cut=False)
