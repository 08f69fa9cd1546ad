"""Tiny pretrained folders of Pegasus and BigBird-Pegasus."""

from pathlib import Path

from tokenizers import pre_tokenizers

from tests.model.folders import SIZES, save_model
from tests.model.vocabularies import UNKNOWN, Texts, nmt_nfkc, pieces

FIRST = ["<pad>", "</s>", "<mask_1>", "<mask_2>", *(f"<unk_{i}>" for i in range(2, 103)), UNKNOWN]
POSITIONS = 64


def pegasus(folder: Path, texts: Texts) -> None:
    """Write Pegasus: `… </s>`, 103 tokens that no text has, and sines for positions."""
    from transformers import PegasusConfig, PegasusForConditionalGeneration

    config = PegasusConfig(
        vocab_size=_save_tokenizer(folder, texts),
        max_position_embeddings=POSITIONS,
        scale_embedding=True,
        activation_function="relu",
        **SIZES,
    )
    save_model(
        PegasusForConditionalGeneration,
        config,
        folder,
        add_bias_logits=False,
        add_final_layer_norm=True,
        length_penalty=0.6,
        max_length=64,
        normalize_before=True,
        normalize_embedding=False,
        num_beams=8,
        static_position_embeddings=True,
    )


def bigbird_pegasus(folder: Path, texts: Texts) -> None:
    """Write BigBird-Pegasus: Pegasus whose encoder looks at blocks of long sources."""
    from transformers import BigBirdPegasusConfig, BigBirdPegasusForConditionalGeneration

    config = BigBirdPegasusConfig(
        vocab_size=_save_tokenizer(folder, texts),
        max_position_embeddings=256,
        block_size=4,
        num_random_blocks=1,
        **SIZES,
    )
    save_model(
        BigBirdPegasusForConditionalGeneration,
        config,
        folder,
        length_penalty=0.8,
        max_length=256,
        num_beams=5,
    )


def _save_tokenizer(folder: Path, texts: Texts) -> int:
    """Write the tokenizer and return how many tokens it has.

    The hub's files were made by transformers 4, which cut a text at white space first; the class of
    transformers 5 does not, and reads of the file neither this nor its normalizer.
    """
    from transformers import PegasusTokenizer

    tokenizer = PegasusTokenizer(
        vocab=pieces(texts, FIRST), _spm_precompiled_charsmap=nmt_nfkc(texts)
    )
    words = [pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Metaspace()]
    tokenizer.backend_tokenizer.pre_tokenizer = pre_tokenizers.Sequence(words)
    tokenizer.save_pretrained(folder)
    return len(tokenizer)
