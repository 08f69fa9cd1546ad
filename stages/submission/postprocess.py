"""The repair of a generated summary: named rules, switched on and ordered by `predict.rules`.

References are never repaired, and nothing here adds to what the model has said but `fill_empty`.
"""

import re
from collections.abc import Callable, Sequence
from functools import partial

from stages.dialogue.josa import join_josa
from stages.dialogue.repair.characters import drop_control_characters, drop_zero_width
from stages.params import Language
from stages.scoring.floors import CONSTANT

Rule = Callable[[str], str]

SPECIAL_TOKEN = re.compile(
    r"</?s>|<(?:pad|unk|mask|turn|[be]os|sep|cls|usr|sys|unused\d+|extra_id_\d+)>"
    r"|\[(?:CLS|SEP|PAD|UNK|MASK|BOS|EOS|unused\d+)\]|<\|\w{1,40}\|>|[㗡\ufffd]"
)
"""What only a vocabulary has: KoBART's `<unused68>` and `㗡`, the marks of BERT, T5 and chat
models, and U+FFFD for bytes cut short."""

_SENTENCE_END = re.compile(
    r"(?<=[a-z가-힣)\]])(?<!\bMr)(?<!\bMrs)(?<!\bMs)(?<!\bDr)[.!?…]+[\"'”’」』)\]]*(?=\s|$)"
)


def drop_special_tokens(summary: str) -> str:
    """Take out tokens that are no text, and leave a blank.

    >>> drop_special_tokens("<s>#Person1#은 <unused68>간다.</s>")
    ' #Person1#은  간다. '
    """
    return SPECIAL_TOKEN.sub(" ", summary)


def collapse_blanks(summary: str) -> str:
    r"""Make every run of blanks and line ends one blank, and leave none at the ends.

    >>> collapse_blanks(" #Person1#은  간다.\n#Person2#도 간다. ")
    '#Person1#은 간다. #Person2#도 간다.'
    """
    return " ".join(summary.split())


def cut_unfinished_sentence(summary: str) -> str:
    """Cut a summary behind its last finished sentence; one without any stays whole.

    >>> cut_unfinished_sentence("#Person1#은 3.5점을 받았다. #Person2#는 축")
    '#Person1#은 3.5점을 받았다.'
    >>> cut_unfinished_sentence("#Person1# calls. Mr. Kim")
    '#Person1# calls.'
    >>> cut_unfinished_sentence("#Person1#은 3.5점을")
    '#Person1#은 3.5점을'
    """
    ends = [match.end() for match in _SENTENCE_END.finditer(summary)]
    return summary[: ends[-1]] if ends else summary


def fill_empty(summary: str, language: Language) -> str:
    """Write a sentence that fits nearly every dialogue where there is no word at all.

    An empty cell makes the `rouge` package raise an error, and with it a leaderboard.

    >>> fill_empty(" . ", "ko")
    '#Person1#과 #Person2#는 이야기를 나누고 있습니다.'
    """
    return summary if has_words(summary) else CONSTANT[language]


def has_words(summary: str) -> bool:
    """Tell whether there is a letter or a digit.

    >>> has_words("네."), has_words("...")
    (True, False)
    """
    return any(character.isalnum() for character in summary)


RULES: dict[str, Callable[..., str]] = {
    rule.__name__: rule
    for rule in (
        drop_special_tokens,
        drop_control_characters,
        drop_zero_width,
        collapse_blanks,
        join_josa,
        cut_unfinished_sentence,
        fill_empty,
    )
}
"""Each by the name that it has in `predict.rules`."""


def named_rules(names: Sequence[str], language: Language) -> list[Rule]:
    """Return the rules of these names, in their order, for summaries in `language`."""
    return [
        partial(fill_empty, language=language) if name == fill_empty.__name__ else RULES[name]
        for name in names
    ]


def postprocess(summary: str, rules: Sequence[Rule], *, at_cap: bool) -> str:
    """Apply the `rules` in their order.

    `at_cap` says that the summary ends because it was as long as it may be; one that the model has
    ended itself is not cut.

    >>> rules = [join_josa, cut_unfinished_sentence]
    >>> postprocess("#Person1# 은 간다. #Person2# 는", rules, at_cap=True)
    '#Person1#은 간다.'
    >>> postprocess("#Person1# 은 간다. #Person2# 는", rules, at_cap=False)
    '#Person1#은 간다. #Person2#는'
    """
    for rule in rules:
        if at_cap or rule is not cut_unfinished_sentence:
            summary = rule(summary)
    return summary
