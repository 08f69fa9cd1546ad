"""A corpus whose speakers have names → tags, in dialogue and references alike.

The labels before the colons become tags in the order of speaking, and so do the names in the
references, each josa in the form that the tag needs. What somebody says stays as it was said, as
`summarize` leaves it: a model is asked for dialogues in which people call each other by name.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from stages.corpus.values import Turns
from stages.dialogue.josa import final_consonant, with_josa
from stages.dialogue.names import tag_turns
from stages.dialogue.repair.characters import compose_syllables
from stages.dialogue.repair.ledger import TAG_NAMES
from stages.dialogue.repair.rules import IN_REFERENCE, Step, repair_steps

# The colon may be wide; `오후 3:30에 봐` and `https://` have one and no speaker.
_LABEL = re.compile(
    r"^[^\S\n]*([^\s:：#](?:[^:：#\n]{0,38}[^\s:：#])?)[^\S\n]*(?:(?<!\d)[:：]|[:：](?!\d))(?!//)",
    re.MULTILINE,
)
_TAGGED = re.compile(r"^\W*(?:person|사람) ?\d+ ?[#＃]?[^\S\n]*[:：]", re.IGNORECASE | re.MULTILINE)
_JOSA = (
    "은|는|이|가|을|를|과|와|의|도|만큼|만|로|으로|에게서?|한테서?|께서?|이?랑|이?나|처럼|보다|부터|까지|"
    "마다|조차|님|씨|네|측|하고|이?라(?:고|는|며)"
)
_BEFORE = re.compile(r"[\w#]")
_AFTER_HANGUL = re.compile(rf"(?:이?(?:{_JOSA}){{1,3}}+)?(?![가-힣A-Za-z0-9_])")
_AFTER_LATIN = re.compile(r"(?![A-Za-z0-9_])")
_AFTER_ARTICLE = re.compile(r"(?![A-Za-z0-9_])(?! (?!and\b)[a-z])")  # the words `A man`, `I go`
_SUFFIX = re.compile(r"이(?=(?:가|는|를|와|도|의|만)(?![가-힣])|네|랑|에게|한테)")
"""Behind a name that ends in a consonant: 지영이가 is 지영 and 가."""


class TaggedRow(NamedTuple):
    """A row whose speakers are tags."""

    dialogue: str
    summaries: tuple[str, ...]
    names: dict[str, str]
    """The name behind each tag; empty where the row came with tags."""
    steps: list[Step]
    """For the ledger."""


def tag_labels(dialogue: str, summaries: Sequence[str]) -> TaggedRow:
    r"""Turn the names before the colons into tags, and those names in the references.

    >>> tag_labels("민수: 먹자.\n지영: 그래, 민수야.", ["민수는 지영이에게 묻는다."])[:2]
    ('#Person1#: 먹자.\n#Person2#: 그래, 민수야.', ('#Person1#은 #Person2#에게 묻는다.',))

    A dialogue with tags already stays as it is.
    """
    steps = list(repair_steps(dialogue))
    text = steps[-1].after if steps else dialogue
    above, *pieces = _LABEL.split(text)
    if not pieces or _TAGGED.search(text):
        return TaggedRow(dialogue, tuple(summaries), {}, [])
    tagged = tag_turns(zip(pieces[::2], pieces[1::2], strict=True))
    after = f"{above.strip()}\n{tagged.dialogue}" if above.strip() else tagged.dialogue
    row = _replaced(text, after, summaries, tagged.names)
    return row._replace(steps=steps + row.steps)


def tag_list(turns: Turns, summaries: Sequence[str]) -> TaggedRow:
    r"""Write a list of turns as a dialogue; speakers that are no tags become tags.

    >>> tag_list([("P01", "먹자."), ("P02", "그래.")], ["P01이 권한다."])[:2]
    ('#Person1#: 먹자.\n#Person2#: 그래.', ('#Person1#이 권한다.',))
    """
    written = "\n".join(f"{speaker}: {words}" for speaker, words in turns)
    if all(_TAGGED.match(f"{speaker}:") for speaker, _ in turns):
        return TaggedRow(written, tuple(summaries), {}, [])
    tagged = tag_turns(turns)
    return _replaced(written, tagged.dialogue, summaries, tagged.names)


def _replaced(
    before: str, after: str, summaries: Sequence[str], names: Mapping[str, str]
) -> TaggedRow:
    tags = {name: tag for tag, name in names.items()}
    replaced = tuple(replace_names(compose_syllables(text), tags) for text in summaries)
    steps = [Step(TAG_NAMES, before, after)]
    steps += [
        Step(f"{IN_REFERENCE}{TAG_NAMES}", old, new)
        for old, new in zip(summaries, replaced, strict=True)
        if old != new
    ]
    return TaggedRow(after, replaced, dict(names), steps)


def replace_names(text: str, tags: Mapping[str, str]) -> str:
    """Put tags in place of names, each josa in the form that the tag needs.

    >>> replace_names("민수와 지영이가 간다.", {"민수": "#Person1#", "지영": "#Person2#"})
    '#Person1#과 #Person2#가 간다.'
    >>> replace_names("Mia's mother calls Leo.", {"Mia": "#Person1#", "Leo": "#Person2#"})
    "#Person1#'s mother calls #Person2#."
    """
    taken: dict[int, str] = {}
    for name in sorted(filter(None, tags), key=len, reverse=True):
        for start in _places(name, text):
            if not any(
                at < start + len(name) and start < at + len(one) for at, one in taken.items()
            ):
                taken[start] = name
    written, end = "", len(text)
    for start in sorted(taken, reverse=True):
        name = taken[start]
        rest = text[start + len(name) : end]
        suffix = _SUFFIX.match(rest) if final_consonant(name) else None
        written = with_josa(tags[name], rest[1:] if suffix else rest) + written
        end = start
    return text[:end] + written


def _places(name: str, text: str) -> Iterator[int]:
    """Yield where a name is a word of a text: in `민수는`, and not in `민수기`."""
    # A pattern for each name would take a hundred times as long to make as to use.
    after = _AFTER_ARTICLE if name in {"A", "I"} else _AFTER_LATIN
    after = _AFTER_HANGUL if "가" <= name[-1] <= "힣" else after
    start = text.find(name)
    while start >= 0:
        if not (start and _BEFORE.match(text, start - 1)) and after.match(text, start + len(name)):
            yield start
        start = text.find(name, start + 1)
