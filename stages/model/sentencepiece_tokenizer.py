"""A SentencePiece file and a vocabulary beside it → a tokenizer of the library `tokenizers`.

M2M100 and Marian have no tokenizer.json, and in transformers no class but a slow one, which puts
tokens that are added in the places of languages.
"""

from typing import Any

from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers

from stages.model.tokenizer import special

NEVER = 100.0
"""So far below the unlikeliest piece stands the score of a token that no text is cut into."""
UNIGRAM = 1
"""The file's number for its kind; 2 is BPE."""


def is_convertible(slow: Any) -> bool:
    """Tell whether a slow tokenizer of transformers is one of the two."""
    return hasattr(slow, "encoder") and (hasattr(slow, "spm_file") or hasattr(slow, "spm_files"))


def convert_slow_tokenizer(slow: Any) -> Tokenizer:
    """Return the tokenizer that cuts texts as `slow` does, with the same ids and no frame.

    Of Marian's two files it takes the source's: dialogue and summary are of one language here.
    """
    from transformers.convert_slow_tokenizer import SentencePieceExtractor
    from transformers.tokenization_utils_base import generate_merges

    path = slow.spm_file if hasattr(slow, "spm_file") else slow.spm_files[0]
    file = SentencePieceExtractor(str(path)).proto
    languages = list(getattr(slow, "lang_token_to_id", {}))
    ids = slow.encoder | {token: slow.lang_token_to_id[token] for token in languages}
    scores = {piece.piece: piece.score for piece in file.pieces}
    if file.trainer_spec.model_type == UNIGRAM:
        least = min(scores.values()) - NEVER
        tokens = sorted(ids, key=ids.__getitem__)
        model: models.Model = models.Unigram(
            [(token, scores.get(token, least)) for token in tokens], ids[slow.unk_token]
        )
    else:
        merges = generate_merges({piece: i for i, piece in enumerate(scores)})
        known = [pair for pair in merges if {*pair, "".join(pair)} <= ids.keys()]
        model = models.BPE(ids, known, unk_token=slow.unk_token, fuse_unk=True)
    tokenizer = Tokenizer(model)
    table = file.normalizer_spec.precompiled_charsmap
    folded = [normalizers.Precompiled(table)] if table else []
    blanks = normalizers.Replace(Regex(" {2,}"), " ")
    tokenizer.normalizer = normalizers.Sequence([*folded, blanks])
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.decoder = decoders.Metaspace()
    named = {slow.unk_token, slow.eos_token, slow.pad_token, slow.bos_token} & ids.keys()
    tokenizer.add_special_tokens(special(*sorted(named, key=ids.__getitem__), *languages))
    return tokenizer
