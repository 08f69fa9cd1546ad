"""Somebody else's tokenizer, made fit for dialogues: framed, with the masks, and no blank lost.

tokenizer.json is taken for what it says. The classes of transformers 5 build the pipeline of such
a file anew, each as it believes it to be (T5Tokenizer fails on the byte-level BPE of pko-t5), and
so the saved one names no class but the one that reads the file as it is.
"""

import json
import re
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tokenizers import AddedToken, Tokenizer
from tokenizers.processors import TemplateProcessing

from stages.command.errors import UserError
from stages.dialogue.masks import MASKS
from stages.model.kinds import check_vocabulary
from stages.model.pretrained import find_file, pretrained
from stages.model.sentencepiece_tokenizer import convert_slow_tokenizer, is_convertible
from stages.model.tokenizer import TURN, frame_tokens, keeps_newline, save_tokenizer, special

KOREAN = ("ko_KR", "__ko__", "kor_Hang")
"""What mBART, M2M100 and NLLB call the language."""
LANGUAGE = re.compile(r"[a-z]{2}_[A-Z]{2}|__[a-z]{2,3}__|[a-z]{3}_[A-Z][a-z]{3}")
"""A language's token, such as `en_XX`."""
CONTROL = re.compile(
    r"<[^<>\s]*[^\W_][^<>\s]*>"
    r"|\[unused\d+\]|\[[^\[\]\s]*[A-Z]{2}[^\[\]\s]*\]"
    rf"|__\w+__|{LANGUAGE.pattern}"
)
"""What a special token looks like that is no text: `</s>`, `[SEP]`, `<unused0>`, `__start__`."""
SMALLEST_VOCABULARY = 150
"""For a folder without a tokenizer, transformers makes one of about a hundred special tokens."""

Names = dict[str, str]
"""`bos_token`, `eos_token`, `pad_token`, `unk_token`, those that there are."""


def save_pretrained_tokenizer(
    name: str, config: Any, *, folder: Path, adds_tokens: bool = True
) -> None:
    """Save the tokenizer of the model `name` (a hub id or a folder) as the stages use it.

    Without `adds_tokens` masks are text: a new token would have an embedding that nothing trains.
    """
    tokenizer, names = tokenizer_of(read_by_transformers(name), name)
    check_belongs(tokenizer, config, name)
    names |= _names_in_config(tokenizer, config)
    check_names(names, ("pad_token", "eos_token"), name)
    tokenizer = Tokenizer.from_str(json.dumps(fit_for_dialogues(json.loads(tokenizer.to_str()))))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    if adds_tokens:
        tokenizer.add_special_tokens(special(*MASKS))
    keep_turns_apart(tokenizer, adds_tokens=adds_tokens)
    set_frame(tokenizer, config, names)
    save_tokenizer(tokenizer, names, folder=folder)


def keep_turns_apart(tokenizer: Tokenizer, *, adds_tokens: bool) -> None:
    """Give turns something that keeps them apart: the vocabulary's newline, else a new token."""
    if tokenizer.token_to_id("\n") is not None:  # alone, whatever stands beside it
        tokenizer.add_tokens([AddedToken("\n", special=False, normalized=False)])
    if adds_tokens and not keeps_newline(tokenizer):
        tokenizer.add_special_tokens(special(TURN))


def check_belongs(tokenizer: Tokenizer, config: Any, name: str) -> None:
    """Raise `UserError` where a tokenizer was not the one of the weights."""
    words, tokens = (
        max(tokenizer.get_vocab(with_added_tokens=added).values()) + 1 for added in (False, True)
    )
    check_vocabulary(config, name, words=words, tokens=tokens)


def check_names(names: Names, roles: Sequence[str], name: str) -> None:
    """Raise `UserError` where a token that is needed has no name."""
    for role in roles:
        if role not in names:
            raise UserError(
                f"model.name: {name} has no {role}, neither in its config.json nor in its "
                "tokenizer_config.json: add it there"
            )


def read_by_transformers(name: str) -> Any:
    """Return the tokenizer of the model `name` as transformers has it, chat template included."""
    from transformers import AutoTokenizer, PreTrainedTokenizerFast

    reader = PreTrainedTokenizerFast if find_file(name, "tokenizer.json") else AutoTokenizer
    with warnings.catch_warnings():  # Marian's class would have a package that is not used here
        warnings.filterwarnings("ignore", message="Recommended: pip install sacremoses")
        return pretrained(reader, name)


def tokenizer_of(read: Any, name: str) -> tuple[Tokenizer, Names]:
    """Return the tokenizer within that of transformers, and what its special tokens are called."""
    if not read.is_fast and is_convertible(read):
        tokenizer = convert_slow_tokenizer(read)
    elif not read.is_fast or read.vocab_size < SMALLEST_VOCABULARY:
        raise UserError(
            f"model.name: {name} has no tokenizer.json, nor files that one can be made of; "
            "choose another model"
        )
    else:  # a copy: what transformers holds pads and truncates as it was last told to
        tokenizer = Tokenizer.from_str(read.backend_tokenizer.to_str())
    roles = {role: str(token) for role, token in read.special_tokens_map.items()}
    names = {role: roles[role] for role in ("bos_token", "unk_token") if role in roles}
    for role, other in (("eos_token", "sep_token"), ("pad_token", "pad_token")):
        if role in roles or other in roles:
            names[role] = roles.get(role, roles.get(other, ""))
    return tokenizer, names


def fit_for_dialogues(state: dict[str, Any]) -> dict[str, Any]:
    """Change a tokenizer.json so that no blank beside a mask, and no smile, is lost or made.

    Masks cut a text into pieces, each of which is treated as a text of its own: the blank at its
    end was stripped (`의사는 #Person2#에게` → `의사는#Person2#에게`), and before its first word one
    was put (`#Person1#은` → `#Person1# 은`). KoBART has `ㅠㅠ`, `^^`, 😀 among its special
    tokens, which nobody reads in a summary: what looks like text is text.
    """
    words = _parts(state["pre_tokenizer"], "pretokenizers")
    rules = _parts(state["normalizer"], "normalizers")
    rules = [rule for rule in rules if rule["type"] != "Strip"]
    if any(part["type"] == "Metaspace" for part in words):
        if any(part["type"] == "WhitespaceSplit" for part in words):
            rules.append({"type": "Replace", "pattern": {"Regex": r"\s+"}, "content": " "})
        words = [part for part in words if part["type"] != "WhitespaceSplit"]
    words = [fitted for part in words for fitted in _without_prefix(part)]
    added = [
        token | {"special": token["special"] and bool(CONTROL.fullmatch(token["content"]))}
        for token in state["added_tokens"]
    ]
    return state | {
        "added_tokens": added,
        "pre_tokenizer": _whole(words, "pretokenizers"),
        "normalizer": _whole(rules, "normalizers"),
    }


def set_frame(tokenizer: Tokenizer, config: Any, names: Names) -> None:
    """Let the tokenizer put around a text what models of this kind are used to, and its end.

    A file that frames nothing, as KoBART's, or not with the end that stops the model, would have
    it learn summaries that never end. BART: `<s> … </s>`; T5, which begins with padding:
    `… </s>`; mBART: `… </s> ko_KR`; mBART-50 and M2M100: `ko_KR … </s>`.
    """
    before, after = frame_tokens(tokenizer)
    if names["eos_token"] not in after:
        before, after = family_frame(tokenizer, config, names)
    korean = _korean(tokenizer)
    if korean:
        before, after = (
            [korean if LANGUAGE.fullmatch(token) else token for token in tokens]
            for tokens in (before, after)
        )
    tokenizer.post_processor = TemplateProcessing(
        single=[*before, "$A", *after],
        special_tokens=[(token, tokenizer.token_to_id(token)) for token in {*before, *after}],
    )


def family_frame(tokenizer: Tokenizer, config: Any, names: Names) -> tuple[list[str], list[str]]:
    """Return the tokens before and after a text, from the configuration of the model alone."""
    end, start = names["eos_token"], config.decoder_start_token_id
    language = _korean(tokenizer)
    if config.model_type == "mbart" and language and start != tokenizer.token_to_id(end):
        return [], [end, language]
    if config.model_type in ("mbart", "m2m_100") and language:
        return [language], [end]
    if start == tokenizer.token_to_id(names["pad_token"]):
        return [], [end]
    # KoBART's configuration says `</s>` also of the beginning.
    in_config = getattr(config, "bos_token_id", None)
    named = None if in_config is None else tokenizer.id_to_token(in_config)
    beginnings = [
        token
        for token in (names.get("bos_token"), named, "<s>")
        if token not in (None, end) and tokenizer.token_to_id(token) is not None
    ]
    return beginnings[:1], [end]


def _names_in_config(tokenizer: Tokenizer, config: Any) -> Names:
    """Return the end and the padding that the model itself goes by."""
    ids = {role: getattr(config, f"{role}_id", None) for role in ("eos_token", "pad_token")}
    if ids["pad_token"] is None and config.model_type == "encoder-decoder":
        ids["pad_token"] = config.encoder.pad_token_id
    known = {
        role: tokenizer.id_to_token(number) for role, number in ids.items() if number is not None
    }
    return {role: token for role, token in known.items() if token is not None}


def _korean(tokenizer: Tokenizer) -> str | None:
    return next((token for token in KOREAN if tokenizer.token_to_id(token) is not None), None)


def _without_prefix(part: dict[str, Any]) -> list[dict[str, Any]]:
    """Let a step put a blank before the first word of a whole text, and not of each piece."""
    if part["type"] == "Metaspace":
        return [part | {"prepend_scheme": "first"}]
    if part["type"] == "ByteLevel" and part["add_prefix_space"]:
        first = {"type": "Metaspace", "replacement": " ", "prepend_scheme": "first", "split": False}
        return [first, part | {"add_prefix_space": False}]
    return [part]


def _parts(step: dict[str, Any] | None, kind: str) -> list[dict[str, Any]]:
    if step is None:
        return []
    inner = [_parts(part, kind) for part in step[kind]] if step["type"] == "Sequence" else [[step]]
    return [part for parts in inner for part in parts]


def _whole(parts: list[dict[str, Any]], kind: str) -> dict[str, Any] | None:
    if len(parts) < 2:
        return parts[0] if parts else None
    return {"type": "Sequence", kind: parts}
