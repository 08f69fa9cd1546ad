"""The tokenizer: dialogues and summaries as token ids, and ids as text again.

The masks of the data are special tokens in one fixed order, and the turns of a dialogue stay apart:
by the newline where the vocabulary has one, else by the token `<turn>` that is added. The one of a
scratch model is trained here; `pretrained_tokenizer` brings others into this form. Works on the
library `tokenizers` alone: the import of `transformers` brings torch.
"""

import json
from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, trainers
from tokenizers.processors import TemplateProcessing

from stages.command.files import damaged, existing, read_json
from stages.dialogue.masks import MASKS
from stages.model.prompt import Around, RenderedPrompt

PAD, BOS, EOS, UNK = "<pad>", "<s>", "</s>", "<unk>"
TURN = "<turn>"
THOUGHT = "</think>"
"""Ends what Qwen3 and others write first where `prompt.thinking` lets them."""


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
    text: str
    """What did fit, as it was given."""

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
    path = existing(folder / "tokenizer.json", made_by="dvc repro")
    try:
        tokenizer = Tokenizer.from_file(str(path))
    except Exception as error:  # noqa: BLE001 (tokenizers raises no other)
        raise damaged(path, error, made_by="dvc repro") from None
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return tokenizer


def pad_id(folder: Path) -> int:
    """Return the id that fills a batch, as the tokenizer's settings name it."""
    settings = read_json(folder / "tokenizer_config.json", made_by="dvc repro", has=["pad_token"])
    return int(read_tokenizer(folder).get_vocab()[settings["pad_token"]])


def encode(
    tokenizer: Tokenizer, texts: Sequence[str], *, max_tokens: int, around: Around | None = None
) -> list[Encoded]:
    """Encode each text into at most `max_tokens` ids, whole turns only.

    `around` stands before and after each text, and counts; where it is None the tokenizer's frame
    does. The last turns that do not fit are left out; a first turn that does not fit alone loses
    its end.
    """
    write = _writer(tokenizer, around)
    encodings = tokenizer.encode_batch_fast(
        [write(text) for text in texts], add_special_tokens=around is None
    )

    def count(text: str) -> list[int]:
        ids: list[int] = tokenizer.encode(write(text), add_special_tokens=around is None).ids
        return ids

    return [
        Encoded(encoding.ids, 0, False, text)
        if len(encoding.ids) <= max_tokens
        else _fit(text, count, max_tokens=max_tokens)
        for text, encoding in zip(texts, encodings, strict=True)
    ]


def encode_dialogues(
    tokenizer: Tokenizer,
    dialogues: Sequence[str],
    *,
    max_tokens: int,
    prompt: RenderedPrompt | None,
) -> list[Encoded]:
    """Encode dialogues as a model reads them, within their prompt where it has one."""
    around = prompt.dialogue if prompt else None
    return encode(tokenizer, dialogues, max_tokens=max_tokens, around=around)


def decode(tokenizer: Tokenizer, ids: Sequence[Sequence[int]]) -> list[str]:
    """Turn generated ids into text on one line: the masks stay, every other special token goes.

    And what a model thought before it wrote.
    """
    added = tokenizer.get_added_tokens_decoder().items()
    silent = {number for number, token in added if token.special and token.content not in MASKS}
    kept = [[number for number in row if number not in silent] for row in ids]
    texts = tokenizer.decode_batch(kept, skip_special_tokens=False)
    return [" ".join(text.rpartition(THOUGHT)[2].split()) for text in texts]


def separator(tokenizer: Tokenizer) -> str:
    """Return what stands between two turns: the newline, where that is no token `<turn>`.

    Where neither is one, for LoRA adds no tokens, a blank: a turn begins with its speaker.
    """
    if keeps_newline(tokenizer):
        return "\n"
    return " " if tokenizer.token_to_id(TURN) is None else TURN


def keeps_newline(tokenizer: Tokenizer) -> bool:
    """Tell whether a newline is one token of the vocabulary, and comes back as it was."""
    apart = tokenizer.encode(f"{MASKS[0]}\n{MASKS[0]}", add_special_tokens=False).ids
    return [tokenizer.decode([i], skip_special_tokens=False) for i in apart].count("\n") == 1


def frame(tokenizer: Tokenizer) -> Frame:
    """Return the ids before and after a text: BART `[<s>], [</s>]`, T5 `[], [</s>]`."""
    bare = tokenizer.encode(MASKS[0], add_special_tokens=False).ids
    framed = tokenizer.encode(MASKS[0]).ids
    middle = next(i for i in range(len(framed)) if framed[i : i + len(bare)] == bare)
    return Frame(framed[:middle], framed[middle + len(bare) :])


def frame_tokens(tokenizer: Tokenizer) -> tuple[list[str], list[str]]:
    """Return what stands before and after a text as tokens, such as `["<s>"], ["</s>"]`."""
    before, after = ([str(tokenizer.id_to_token(i)) for i in ids] for ids in frame(tokenizer))
    return before, after


def describe_frame(tokenizer: Tokenizer, prompt: RenderedPrompt | None = None) -> str:
    """Return what stands around a text, such as `<s> … </s>`; a prompt as one escaped line."""
    if prompt:
        whole = "…".join([*prompt.dialogue, prompt.summary.after])
        return whole.replace("\n", "\\n")
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


def _writer(tokenizer: Tokenizer, around: Around | None) -> Callable[[str], str]:
    """Return what makes of a text the one that is encoded."""
    if around is not None:
        return lambda text: around.before + text + around.after
    between = separator(tokenizer)
    return lambda text: text.replace("\n", between)


def _fit(text: str, encoded: Callable[[str], list[int]], *, max_tokens: int) -> Encoded:
    """Return the ids of the most turns of a text that fit, or of the beginning of the first."""
    turns = text.split("\n")
    kept = _most(len(turns), lambda n: len(encoded("\n".join(turns[:n]))) <= max_tokens)
    if kept:
        fitting = "\n".join(turns[:kept])
        return Encoded(encoded(fitting), len(turns) - kept, False, fitting)
    letters = _most(len(turns[0]), lambda n: len(encoded(turns[0][:n])) <= max_tokens)
    fitting = turns[0][:letters]
    return Encoded(encoded(fitting), len(turns) - 1, True, fitting)


def _most(count: int, fits: Callable[[int], bool]) -> int:
    """Return the largest number up to `count` that fits; all below it fit as well."""
    return bisect_left(range(1, count + 1), True, key=lambda n: not fits(n))
