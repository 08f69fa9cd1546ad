"""Tiny pretrained folders of BART and of what differs from it in little more than its tokenizer."""

from pathlib import Path
from typing import Any

from tokenizers import Tokenizer, normalizers
from tokenizers.processors import TemplateProcessing

from tests.model.folders import SIZES, save_model, save_tokenizer, write_json
from tests.model.vocabularies import UNKNOWN, Texts, bpe, byte_level, nmt_nfkc, parts, pieces

NAMES = {"bos_token": "<s>", "eos_token": "</s>", "pad_token": "<pad>", "unk_token": UNKNOWN}
FAIRSEQ = ["<s>", "<pad>", "</s>", UNKNOWN]
POSITIONS = 64


def bart(folder: Path, texts: Texts) -> None:
    """Write a BART over a BPE of characters, which frames a text with `<s>` and `</s>`."""
    tokenizer = bpe(texts, list(NAMES.values()))
    tokenizer.normalizer = normalizers.NFC()
    _save_bart(tokenizer, folder)


def marked(folder: Path, texts: Texts) -> None:
    """Write a BART whose vocabulary has a newline, as the English ones have."""
    _save_bart(byte_level(texts, list(NAMES.values())), folder)


def kobart(folder: Path, texts: Texts) -> None:
    """Write what KoBART is: its tokenizer frames nothing, and `bos_token_id` is that of `</s>`."""
    from transformers import BartConfig, BartForConditionalGeneration

    first = ["<s>", "</s>", "<usr>", "<pad>", "<sys>", UNKNOWN, "<mask>"]
    tokenizer = bpe(texts, [*first, *(f"<unused{i}>" for i in range(20))])
    tokenizer.normalizer = normalizers.Sequence(
        [
            normalizers.NFKC(),
            normalizers.BertNormalizer(
                clean_text=False, handle_chinese_chars=False, strip_accents=False, lowercase=False
            ),
        ]
    )
    save_tokenizer(tokenizer, folder, tokenizer_class="PreTrainedTokenizerFast")
    write_json(folder / "special_tokens_map.json", NAMES | {"mask_token": "<mask>"})
    config = BartConfig(
        vocab_size=tokenizer.get_vocab_size(),
        max_position_embeddings=1026,
        bos_token_id=1,
        eos_token_id=1,
        pad_token_id=3,
        decoder_start_token_id=1,
        forced_eos_token_id=1,
        **SIZES,
    )
    save_model(
        BartForConditionalGeneration,
        config,
        folder,
        add_bias_logits=False,
        add_final_layer_norm=False,
        extra_pos_embeddings=2,
        normalize_before=False,
        normalize_embedding=True,
        static_position_embeddings=False,
    )


def mbart(folder: Path, texts: Texts) -> None:
    """Write mBART of 25 languages: `… </s> ko_KR`, whose last token is the decoder's first."""
    from transformers import MBartTokenizer
    from transformers.models.mbart.tokenization_mbart import FAIRSEQ_LANGUAGE_CODES

    tokenizer = MBartTokenizer(
        vocab=pieces(texts, FAIRSEQ, [*FAIRSEQ_LANGUAGE_CODES, "<mask>"]),
        src_lang="ko_KR",
        tgt_lang="ko_KR",
    )
    _save_mbart(tokenizer, folder)


def mbart50(folder: Path, texts: Texts) -> None:
    """Write mBART-50: `ko_KR … </s>`, the decoder starts with `</s>`; no language is set."""
    from transformers import MBart50Tokenizer
    from transformers.models.mbart50.tokenization_mbart50 import FAIRSEQ_LANGUAGE_CODES

    tokenizer = MBart50Tokenizer(
        vocab=pieces(texts, FAIRSEQ, [*FAIRSEQ_LANGUAGE_CODES, "<mask>"]),
        _spm_precompiled_charsmap=nmt_nfkc(texts),
    )
    _save_mbart(tokenizer, folder, decoder_start_token_id=2, tokenizer_class="MBart50Tokenizer")


def barthez(folder: Path, texts: Texts) -> None:
    """Write what BARThez is: an mBART without languages, framed as BART is."""
    from transformers import BarthezTokenizer

    tokenizer = BarthezTokenizer(vocab=pieces(texts, FAIRSEQ, ["<mask>"]))
    tokenizer.backend_tokenizer.post_processor = _framed(0, 2)
    _save_mbart(tokenizer, folder, decoder_start_token_id=2)


def led(folder: Path, texts: Texts) -> None:
    """Write LED: BART's tokenizer, attention in windows, and positions by other names."""
    from transformers import LEDConfig, LEDForConditionalGeneration, LEDTokenizer

    vocabulary, merges = parts(byte_level(texts, [*FAIRSEQ, "<mask>"]))
    tokenizer = LEDTokenizer(vocab=vocabulary, merges=merges)
    tokenizer.save_pretrained(folder)
    config = LEDConfig(
        vocab_size=len(tokenizer),
        max_encoder_position_embeddings=256,
        max_decoder_position_embeddings=POSITIONS,
        attention_window=[16],
        **SIZES,
    )
    save_model(LEDForConditionalGeneration, config, folder)


def _save_bart(tokenizer: Tokenizer, folder: Path) -> None:
    from transformers import BartConfig, BartForConditionalGeneration, PreTrainedTokenizerFast

    tokenizer.post_processor = _framed(0, 1)
    PreTrainedTokenizerFast(tokenizer_object=tokenizer, **NAMES).save_pretrained(folder)
    config = BartConfig(
        vocab_size=tokenizer.get_vocab_size(),
        max_position_embeddings=POSITIONS,
        bos_token_id=0,
        eos_token_id=1,
        pad_token_id=2,
        decoder_start_token_id=1,
        forced_eos_token_id=1,
        **SIZES,
    )
    save_model(BartForConditionalGeneration, config, folder)


def _save_mbart(tokenizer: Any, folder: Path, **of_the_hub: Any) -> None:
    from transformers import MBartConfig, MBartForConditionalGeneration

    tokenizer.save_pretrained(folder)
    config = MBartConfig(
        vocab_size=len(tokenizer),
        max_position_embeddings=POSITIONS,
        scale_embedding=True,
        decoder_start_token_id=of_the_hub.get("decoder_start_token_id"),
        **SIZES,
    )
    save_model(
        MBartForConditionalGeneration,
        config,
        folder,
        normalize_before=True,
        normalize_embedding=True,
        add_final_layer_norm=True,
        **of_the_hub,
    )


def _framed(start: int, end: int) -> TemplateProcessing:
    return TemplateProcessing(
        single="<s> $A </s>",
        pair="<s> $A </s> </s> $B </s>",
        special_tokens=[("<s>", start), ("</s>", end)],
    )
