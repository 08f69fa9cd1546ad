"""Tiny pretrained models of three kinds, each in a folder as from the hub."""

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
import torch
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers
from tokenizers.processors import TemplateProcessing

UNKNOWN = "<unk>"


@pytest.fixture(scope="session")
def pretrained_folder(
    dialogues: list[tuple[str, str]], tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str], Path]:
    """Return the function that makes a `bart`, `mbart`, `t5` or `marked` folder, once each.

    `marked` is a BART whose vocabulary has a newline, as the English ones have.
    """
    made: dict[str, Path] = {}
    makers = {"bart": _bart, "marked": _marked_bart, "mbart": _mbart, "t5": _t5}
    turns = [turn for pair in dialogues for text in pair for turn in text.split("\n")]

    def folder(kind: str) -> Path:
        if kind not in made:
            made[kind] = tmp_path_factory.mktemp(kind)
            torch.manual_seed(0)
            makers[kind](made[kind], turns)
        return made[kind]

    return folder


def _bart(folder: Path, texts: list[str]) -> None:
    """Write what KoBART is: BPE of characters, blanks as `▁`, and no newline."""
    tokenizer = Tokenizer(models.BPE(unk_token=UNKNOWN))
    tokenizer.normalizer = normalizers.NFC()
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.decoder = decoders.Metaspace()
    _save_bart(tokenizer, folder, texts)


def _marked_bart(folder: Path, texts: list[str]) -> None:
    tokenizer = Tokenizer(models.BPE(unk_token=UNKNOWN))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    _save_bart(tokenizer, folder, texts, alphabet=pre_tokenizers.ByteLevel.alphabet())


def _save_bart(
    tokenizer: Tokenizer, folder: Path, texts: list[str], *, alphabet: Sequence[str] = ()
) -> None:
    from transformers import BartConfig, BartForConditionalGeneration, PreTrainedTokenizerFast

    names = {"bos_token": "<s>", "eos_token": "</s>", "pad_token": "<pad>", "unk_token": UNKNOWN}
    trainer = trainers.BpeTrainer(
        vocab_size=420,
        special_tokens=list(names.values()),
        show_progress=False,
        initial_alphabet=list(alphabet),
    )
    tokenizer.train_from_iterator(texts, trainer)
    tokenizer.post_processor = TemplateProcessing(
        single="<s> $A </s>", special_tokens=[("<s>", 0), ("</s>", 1)]
    )
    PreTrainedTokenizerFast(tokenizer_object=tokenizer, **names).save_pretrained(folder)
    config = BartConfig(
        vocab_size=tokenizer.get_vocab_size(),
        d_model=32,
        encoder_layers=1,
        decoder_layers=1,
        encoder_attention_heads=2,
        decoder_attention_heads=2,
        encoder_ffn_dim=64,
        decoder_ffn_dim=64,
        max_position_embeddings=64,
        bos_token_id=0,
        eos_token_id=1,
        pad_token_id=2,
        decoder_start_token_id=1,
        forced_eos_token_id=1,
    )
    BartForConditionalGeneration(config).save_pretrained(folder)


def _pieces(texts: list[str], names: list[str]) -> list[tuple[str, float]]:
    """Return a SentencePiece vocabulary of words and characters; it knows no newline.

    Not trained: the library's trainer breaks ties in another order in each process.
    """
    words = {f"▁{word}" for text in texts for word in text.split() if "#" not in word}
    characters = {"▁", *"".join(texts)} - {" "}
    scores = [*((name, 0.0) for name in names), *((word, -5.0) for word in sorted(words))]
    return scores + [(character, -8.0) for character in sorted(characters)]


def _mbart(folder: Path, texts: list[str]) -> None:
    from transformers import MBartConfig, MBartForConditionalGeneration, MBartTokenizer

    vocabulary = _pieces(texts, ["<s>", "<pad>", "</s>", "<unk>"])
    tokenizer = MBartTokenizer(vocab=vocabulary, src_lang="ko_KR", tgt_lang="ko_KR")
    tokenizer.save_pretrained(folder)
    config = MBartConfig(
        vocab_size=len(tokenizer),
        d_model=32,
        encoder_layers=1,
        decoder_layers=1,
        encoder_attention_heads=2,
        decoder_attention_heads=2,
        encoder_ffn_dim=64,
        decoder_ffn_dim=64,
        max_position_embeddings=64,
    )
    MBartForConditionalGeneration(config).save_pretrained(folder)


def _t5(folder: Path, texts: list[str]) -> None:
    from transformers import T5Config, T5ForConditionalGeneration, T5Tokenizer

    tokenizer = T5Tokenizer(vocab=_pieces(texts, ["<pad>", "</s>", "<unk>"]), extra_ids=4)
    tokenizer.save_pretrained(folder)
    # Like the real ones, the embeddings have more rows than the vocabulary.
    config = T5Config(
        vocab_size=len(tokenizer) + 28,
        d_model=32,
        d_kv=16,
        d_ff=64,
        num_layers=1,
        num_heads=2,
        decoder_start_token_id=0,
    )
    T5ForConditionalGeneration(config).save_pretrained(folder)
