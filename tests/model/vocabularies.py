"""Vocabularies for the made tokenizers of `kinds`: the same in every process, and made in no time.

None is trained with the library `tokenizers`' trainer of SentencePiece vocabularies, which breaks
ties in another order in each process.
"""

import io
import json
from functools import cache
from pathlib import Path
from tempfile import NamedTemporaryFile

from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

UNKNOWN = "<unk>"
Texts = tuple[str, ...]
Scores = list[tuple[str, float]]


def pieces(texts: Texts, first: list[str], last: list[str] | None = None) -> Scores:
    """Return a SentencePiece vocabulary of words and characters; it knows no newline.

    `first` stands before them, `last` behind them, as tokens that no text is cut into.
    """
    words = {f"▁{word}" for text in texts for word in text.split() if "#" not in word}
    characters = {"▁", *"".join(texts)} - {" "}
    scores = [*((name, 0.0) for name in first), *((word, -5.0) for word in sorted(words))]
    scores += [(character, -8.0) for character in sorted(characters)]
    return scores + [(name, 0.0) for name in last or []]


@cache
def sentencepiece(texts: Texts, model_type: str = "unigram", **ids: int) -> bytes:
    """Return the content of a SentencePiece file: NFKC as it does it, and no newline.

    `ids` are `pad_id`, `bos_id`, `eos_id` and `unk_id`; the first two are absent by default.
    """
    import sentencepiece as library

    file = io.BytesIO()
    library.SentencePieceTrainer.train(
        sentence_iterator=iter(texts),
        model_writer=file,
        vocab_size=300,
        hard_vocab_limit=False,
        model_type=model_type,
        character_coverage=1.0,
        num_threads=1,
        minloglevel=2,
        **({"pad_id": -1, "bos_id": -1, "eos_id": 1, "unk_id": 0} | ids),
    )
    return file.getvalue()


def sentencepieces(content: bytes) -> list[str]:
    """Return the pieces of a SentencePiece file, in their order."""
    import sentencepiece as library

    processor = library.SentencePieceProcessor(model_proto=content)
    return [processor.id_to_piece(i) for i in range(processor.get_piece_size())]


@cache
def nmt_nfkc(texts: Texts) -> bytes:
    """Return the table of SentencePiece's normalizer, which the hub's tokenizers carry."""
    from transformers.convert_slow_tokenizer import SentencePieceExtractor

    with NamedTemporaryFile(suffix=".model") as file:
        Path(file.name).write_bytes(sentencepiece(texts))
        table: bytes = SentencePieceExtractor(file.name).proto.normalizer_spec.precompiled_charsmap
    return table


def byte_level(
    texts: Texts, special: list[str], *, add_prefix_space: bool = False, size: int = 420
) -> Tokenizer:
    """Return a byte-level BPE as GPT-2 and BART have it: no character is unknown to it."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=add_prefix_space)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=size,
        special_tokens=special,
        show_progress=False,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
    )
    tokenizer.train_from_iterator(texts, trainer)
    return tokenizer


def parts(tokenizer: Tokenizer) -> tuple[dict[str, int], list[tuple[str, str]]]:
    """Return the vocabulary of a BPE without what was added to it, and its merges."""
    model = json.loads(tokenizer.to_str())["model"]
    return model["vocab"], [(left, right) for left, right in model["merges"]]


def bpe(texts: Texts, special: list[str], *, size: int = 420) -> Tokenizer:
    """Return a BPE of characters whose blanks are `▁`, as KoBART has it."""
    tokenizer = Tokenizer(models.BPE(unk_token=UNKNOWN))
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.decoder = decoders.Metaspace()
    trainer = trainers.BpeTrainer(vocab_size=size, special_tokens=special, show_progress=False)
    tokenizer.train_from_iterator(texts, trainer)
    return tokenizer


def wordpieces(texts: Texts) -> dict[str, int]:
    """Return BERT's kind of vocabulary: words, and characters alone or `##` inside of a word."""
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    characters = sorted(set("".join(texts)) - {" "})
    words = {word for text in texts for word in text.split() if word.isalnum() and len(word) > 1}
    tokens = [*special, *characters, *(f"##{one}" for one in characters), *sorted(words)]
    return {token: i for i, token in enumerate(tokens)}
