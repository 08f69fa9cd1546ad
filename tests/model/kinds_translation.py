"""Tiny pretrained folders of models for translation and talk that people fine-tune as well."""

import warnings
from pathlib import Path
from typing import Any

from tokenizers.processors import TemplateProcessing

from tests.model.folders import SIZES, save_model, write_json
from tests.model.vocabularies import (
    Texts,
    bpe,
    byte_level,
    nmt_nfkc,
    parts,
    sentencepiece,
    sentencepieces,
)

FAIRSEQ = ["<s>", "<pad>", "</s>", "<unk>"]
POSITIONS = 64


def marian(folder: Path, texts: Texts) -> None:
    """Write what opus-mt is: two SentencePiece files and one vocabulary, whose last is `<pad>`."""
    from transformers import MarianConfig, MarianMTModel, MarianTokenizer

    content = sentencepiece(texts)
    for name in ("source.spm", "target.spm"):
        (folder / name).write_bytes(content)
    known = [piece for piece in sentencepieces(content) if piece not in {"<unk>", "</s>"}]
    vocabulary = {token: i for i, token in enumerate(["</s>", "<unk>", *known, "<pad>"])}
    write_json(folder / "vocab.json", vocabulary)
    files = [str(folder / name) for name in ("source.spm", "target.spm", "vocab.json")]
    with warnings.catch_warnings(action="ignore"):  # it recommends sacremoses
        MarianTokenizer(*files, source_lang="ko", target_lang="ko").save_pretrained(folder)
    pad = len(vocabulary) - 1
    config = MarianConfig(
        vocab_size=len(vocabulary),
        max_position_embeddings=POSITIONS,
        pad_token_id=pad,
        decoder_start_token_id=pad,
        activation_function="swish",
        scale_embedding=True,
        **SIZES,
    )
    save_model(
        MarianMTModel,
        config,
        folder,
        add_bias_logits=False,
        add_final_layer_norm=False,
        bad_words_ids=[[pad]],
        normalize_before=False,
        normalize_embedding=False,
        num_beams=6,
        static_position_embeddings=True,
    )


def m2m100(folder: Path, texts: Texts) -> None:
    """Write M2M100: `__en__ … </s>`, and a tokenizer that no tokenizer.json describes.

    The languages stand in special_tokens_map.json alone; their rows are behind the vocabulary's.
    """
    from transformers import M2M100Config, M2M100ForConditionalGeneration
    from transformers.models.m2m_100.tokenization_m2m_100 import FAIRSEQ_LANGUAGE_CODES

    content = sentencepiece(texts, bos_id=1, eos_id=2)
    (folder / "sentencepiece.bpe.model").write_bytes(content)
    known = [*FAIRSEQ, *sentencepieces(content)[3:]]
    write_json(folder / "vocab.json", {token: i for i, token in enumerate(known)})
    languages = [f"__{code}__" for code in FAIRSEQ_LANGUAGE_CODES["m2m100"]]
    names = {"bos_token": "<s>", "eos_token": "</s>", "pad_token": "<pad>", "unk_token": "<unk>"}
    special = names | {"sep_token": "</s>", "additional_special_tokens": languages}
    write_json(folder / "special_tokens_map.json", special)
    settings = {"language_codes": "m2m100", "num_madeup_words": 8, "src_lang": None}
    settings |= {"tgt_lang": None, "tokenizer_class": "M2M100Tokenizer"}
    write_json(folder / "tokenizer_config.json", special | settings)
    rows = len(known) + len(languages) + 8
    _save_m2m100(M2M100ForConditionalGeneration, M2M100Config, folder, rows=rows)


def nllb(folder: Path, texts: Texts) -> None:
    """Write NLLB: M2M100 with a tokenizer.json; no language but English is set."""
    from transformers import M2M100Config, M2M100ForConditionalGeneration, NllbTokenizer

    vocabulary, merges = parts(bpe(texts, FAIRSEQ))
    tokenizer = NllbTokenizer(
        vocab=vocabulary, merges=merges, _spm_precompiled_charsmap=nmt_nfkc(texts)
    )
    tokenizer.save_pretrained(folder)
    _save_m2m100(M2M100ForConditionalGeneration, M2M100Config, folder, rows=len(tokenizer) + 2)


def blenderbot(folder: Path, texts: Texts) -> None:
    """Write Blenderbot: byte-level BPE, ` … </s>`, 128 positions and a bias behind the head."""
    from transformers import (
        BlenderbotConfig,
        BlenderbotForConditionalGeneration,
        BlenderbotTokenizer,
    )

    special = ["<pad>", "<s>", "</s>", "<unk>"]
    vocabulary, merges = parts(byte_level(texts, special, add_prefix_space=True))
    tokenizer = BlenderbotTokenizer(vocab=vocabulary, merges=merges)
    tokenizer.backend_tokenizer.post_processor = TemplateProcessing(
        single="$A </s>", special_tokens=[("</s>", 2)]
    )
    tokenizer.save_pretrained(folder)
    config = BlenderbotConfig(vocab_size=len(tokenizer), max_position_embeddings=128, **SIZES)
    save_model(
        BlenderbotForConditionalGeneration,
        config,
        folder,
        length_penalty=0.65,
        max_length=60,
        min_length=20,
        num_beams=10,
    )


def blenderbot_small(folder: Path, texts: Texts) -> None:
    """Write BlenderbotSmall, whose tokenizer lowers capitals and frames nothing."""
    from transformers import (
        BlenderbotSmallConfig,
        BlenderbotSmallForConditionalGeneration,
        BlenderbotSmallTokenizer,
    )

    special = ["__null__", "__start__", "__end__", "__unk__", "__newln__"]
    characters = sorted(set("".join(texts).lower()) - {" "})
    tokens = [*special, *characters, *(f"{one}@@" for one in characters)]
    write_json(folder / "vocab.json", {token: i for i, token in enumerate(tokens)})
    (folder / "merges.txt").write_text("#version: 0.2\n가 나</w>\n", encoding="utf-8")
    files = [str(folder / name) for name in ("vocab.json", "merges.txt")]
    BlenderbotSmallTokenizer(*files).save_pretrained(folder)
    config = BlenderbotSmallConfig(
        vocab_size=len(tokens), max_position_embeddings=POSITIONS, **SIZES
    )
    save_model(BlenderbotSmallForConditionalGeneration, config, folder)


def _save_m2m100(model_class: Any, config_class: Any, folder: Path, *, rows: int) -> None:
    config = config_class(vocab_size=rows, max_position_embeddings=POSITIONS, **SIZES)
    save_model(model_class, config, folder, max_length=200, num_beams=5, normalize_before=True)
