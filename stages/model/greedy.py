"""Greedy decoding of decoder-only models that spends nothing on summaries that have ended.

`generate()` goes on with every row of a batch until the last has ended. Here rows leave: of real
summaries, half as long on average as the longest, that is a third of all steps.
"""

from collections.abc import Sequence
from typing import Any

import torch
from transformers import DynamicCache, LogitsProcessor

SHORTEST_SHARED = 8
"""Tokens that all prompts must begin with before these are computed once for all of them."""
LEAVE_TOGETHER = 0.8
"""Share of the rows that is left when the ended ones leave, for leaving copies the cache."""


@torch.inference_mode()
def decode_greedily(
    model: Any,
    ids: torch.Tensor,
    mask: torch.Tensor,
    *,
    max_new_tokens: int,
    rules: Sequence[LogitsProcessor],
) -> list[list[int]]:
    """Return what follows each row of `ids`, without its end: what `generate()` returns.

    `ids` and `mask` are `(batch, length)`, padded on the left.
    """
    end, cache = model.config.eos_token_id, DynamicCache(config=model.config)
    written: list[list[int]] = [[] for _ in ids]
    rows = torch.arange(len(ids), device=ids.device)
    going = torch.ones_like(rows, dtype=torch.bool)
    shared = common_beginning(ids, mask)
    if shared >= SHORTEST_SHARED:
        ids, mask = read_once(model, ids, mask, cache, shared=shared)
    else:
        shared = 0
    positions = (mask.cumsum(1) - 1).clamp(min=0)[:, shared:]
    new = ids[:, shared:]
    for _ in range(max_new_tokens):
        logits = model(
            input_ids=new,
            attention_mask=mask,
            position_ids=positions,
            past_key_values=cache,
            use_cache=True,
            logits_to_keep=1,
        ).logits[:, -1]
        for rule in rules:
            logits = rule(ids, logits)
        chosen = logits.argmax(dim=-1)
        going &= chosen != end
        for row, token in zip(rows[going].tolist(), chosen[going].tolist(), strict=True):
            written[row].append(token)
        count = int(going.sum())
        if not count:
            break
        if count <= LEAVE_TOGETHER * len(rows):
            kept = going.nonzero().flatten()
            cache.batch_select_indices(kept)
            ids, mask, positions, chosen, rows, going = (
                one[kept] for one in (ids, mask, positions, chosen, rows, going)
            )
        new = chosen[:, None]
        ids = torch.cat([ids, new], dim=1)
        mask = torch.cat([mask, mask.new_ones(len(mask), 1)], dim=1)
        positions = positions[:, -1:] + 1
    return written


def common_beginning(ids: torch.Tensor, mask: torch.Tensor) -> int:
    """Return how many tokens all rows begin with, such as those of the prompt before a dialogue."""
    gaps = (mask == 0).sum(dim=1).tolist()
    longest = ids.shape[1] - max(gaps) - 1  # each keeps one of its own
    beginnings = torch.stack([row[gap : gap + longest] for row, gap in zip(ids, gaps, strict=True)])
    same = (beginnings == beginnings[0]).all(dim=0)
    return longest if bool(same.all()) else int((~same).nonzero()[0])


def read_once(
    model: Any, ids: torch.Tensor, mask: torch.Tensor, cache: DynamicCache, *, shared: int
) -> tuple[torch.Tensor, torch.Tensor]:
    """Put what all rows begin with into the cache, and return ids and mask with it at the front.

    The padding of a row then stands behind it, before what is the row's own.
    """
    gaps = (mask == 0).sum(dim=1).tolist()
    beginning = ids[0, gaps[0] : gaps[0] + shared]
    model(
        input_ids=beginning[None],
        attention_mask=mask.new_ones(1, shared),
        position_ids=torch.arange(shared, device=ids.device)[None],
        past_key_values=cache,
        use_cache=True,
        logits_to_keep=1,
    )
    cache.batch_repeat_interleave(len(ids))
    moved_ids, moved_mask = ids.clone(), mask.clone()
    for row, gap in enumerate(gaps):
        moved_ids[row, shared : shared + gap] = ids[row, :gap]
        moved_mask[row, shared : shared + gap] = 0
        moved_ids[row, :shared] = beginning
        moved_mask[row, :shared] = 1
    return moved_ids, moved_mask
