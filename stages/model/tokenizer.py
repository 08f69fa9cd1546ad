"""The tokenizer: trained on the training split, or the one of a pretrained model.

Either way the masks of the data are special tokens in one fixed order, and the turns of a dialogue
stay apart: by the newline where the vocabulary has one, else by the token `<turn>` that is added.
Works on the library `tokenizers` alone; `transformers`, whose import brings torch, is needed only
for a pretrained one.
"""

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, trainers
from tokenizers.processors import TemplateProcessing

from stages.command.errors import UserError
from stages.dialogue.masks import MASKS

PAD, BOS, EOS, UNK = "<pad>", "<s>", "</s>", "<unk>"
TURN = "<turn>"
SMALLEST_VOCABULARY = 150
"""For a folder without a tokenizer, transformers makes one of about a hundred special tokens."""


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
            special_tokens=_special(PAD, BOS, EOS, UNK, *MASKS),
            initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        ),
    )
    tokenizer.post_processor = TemplateProcessing(
        single=f"{BOS} $A {EOS}",
        special_tokens=[(token, tokenizer.token_to_id(token)) for token in (BOS, EOS)],
    )
    names = {"pad_token": PAD, "bos_token": BOS, "eos_token": EOS, "unk_token": UNK}
    settings = {"tokenizer_class": "PreTrainedTokenizerFast", "clean_up_tokenization_spaces": False}
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer.save(str(folder / "tokenizer.json"))
    (folder / "tokenizer_config.json").write_text(json.dumps(settings | names, indent=2) + "\n")


def save_pretrained_tokenizer(name: str, *, folder: Path) -> None:
    """Save the tokenizer of the model `name` (a hub id or a folder) with the masks added."""
    from transformers import AutoTokenizer

    from stages.model.pretrained import pretrained

    tokenizer = pretrained(AutoTokenizer, name)
    if not tokenizer.is_fast or tokenizer.vocab_size < SMALLEST_VOCABULARY:
        raise UserError(
            f"model.name: {name} has no fast tokenizer (tokenizer.json); choose another"
        )
    vocabulary = tokenizer.get_vocab()
    missing = [mask for mask in MASKS if mask not in vocabulary]
    if not _keeps_newline(tokenizer.backend_tokenizer):
        missing.append(TURN)
    tokenizer.add_tokens(_special(*missing), special_tokens=True)
    words = tokenizer.backend_tokenizer.pre_tokenizer
    if isinstance(words, pre_tokenizers.Metaspace):
        words.prepend_scheme = "first"  # else `#Person1#은` comes back as `#Person1# 은`
        tokenizer.backend_tokenizer.pre_tokenizer = words
    tokenizer.save_pretrained(folder)


def read_tokenizer(folder: Path) -> Tokenizer:
    """Read a tokenizer that the stage `tokenize` wrote; it neither pads nor truncates."""
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return tokenizer


def encode(tokenizer: Tokenizer, texts: Sequence[str], *, max_tokens: int) -> list[Encoded]:
    """Encode each text turn by turn into at most `max_tokens` ids, whole turns only.

    The last turns that do not fit are left out; a first turn that does not fit alone loses its end.
    """
    start, end = _frame(tokenizer)
    between = tokenizer.encode(separator(tokenizer), add_special_tokens=False).ids
    room = max_tokens - len(start) - len(end)
    turns = [text.split("\n") for text in texts]
    flat = [turn for text in turns for turn in text]
    ids = (one.ids for one in tokenizer.encode_batch_fast(flat, add_special_tokens=False))
    fitted = (_fit([next(ids) for _ in text], separator=between, room=room) for text in turns)
    return [encoded._replace(ids=start + encoded.ids + end) for encoded in fitted]


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
    return "\n" if _keeps_newline(tokenizer) else TURN


def _special(*tokens: str) -> list[AddedToken]:
    return [AddedToken(token, special=True, normalized=False) for token in tokens]


def _fit(turns: list[list[int]], *, separator: list[int], room: int) -> Encoded:
    content = turns[0][:room]
    kept = 1
    for turn in turns[1:]:
        if len(content) + len(separator) + len(turn) > room:
            break
        content = content + separator + turn
        kept += 1
    return Encoded(content, len(turns) - kept, len(turns[0]) > room)


def _frame(tokenizer: Tokenizer) -> tuple[list[int], list[int]]:
    """Return what stands before and after a text: BART `[<s>], [</s>]`, T5 `[], [</s>]`."""
    bare = tokenizer.encode("가", add_special_tokens=False).ids
    framed = tokenizer.encode("가").ids
    before = next(i for i in range(len(framed)) if framed[i : i + len(bare)] == bare)
    return framed[:before], framed[before + len(bare) :]


def _keeps_newline(tokenizer: Tokenizer) -> bool:
    ids = tokenizer.encode("가\n나", add_special_tokens=False).ids
    return "\n" in tokenizer.decode(ids, skip_special_tokens=False)
