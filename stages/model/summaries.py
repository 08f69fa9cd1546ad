"""Token ids of dialogues → repaired summaries: what `predict` and `summarize` do alike."""

from collections.abc import Callable, Sequence

from tokenizers import Tokenizer

from stages.dialogue.masks import MASKS
from stages.model.engine import Summarizer
from stages.model.tokenizer import decode
from stages.params import Generate
from stages.submission.postprocess import postprocess


def write_summaries(
    summarizer: Summarizer,
    tokenizer: Tokenizer,
    sources: Sequence[Sequence[int]],
    settings: Generate,
    *,
    rules: Sequence[str],
    on_batch: Callable[[int], None] = lambda n: None,
) -> list[str]:
    """Return the summary of each of `sources`, in their order, repaired by `rules`.

    `on_batch` is told how many dialogues have been finished since it was told last.
    """
    ids = summarizer.generate(sources, settings, on_batch=on_batch)
    capped = at_cap(tokenizer, ids, max_new_tokens=settings.max_new_tokens)
    texts = decode(tokenizer, ids)
    pairs = zip(texts, capped, strict=True)
    return [postprocess(text, rules, at_cap=at_end) for text, at_end in pairs]


def at_cap(
    tokenizer: Tokenizer, ids: Sequence[Sequence[int]], *, max_new_tokens: int
) -> list[bool]:
    """Tell of each generated summary whether it ends because it was as long as it may be.

    The engines differ in what stands around the words (start, end, padding) and a BART may force an
    end as its last token, so the words are counted, and one token is allowed for the end.
    """
    added = tokenizer.get_added_tokens_decoder().items()
    frame = {token_id for token_id, token in added if token.special and token.content not in MASKS}
    return [sum(token_id not in frame for token_id in row) >= max_new_tokens - 1 for row in ids]
