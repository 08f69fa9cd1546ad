"""The repair of a dialogue: small named rules in one order.

Words of a summary are never rewritten; of a reference only what nobody sees is brought in order.

What a rule must not do was learned from cleaners that cost their makers points: dropping rows of
dev, rewriting references, `5%` to `5`, `안 믿어.` to `<ACK>`, taking out speakers' tags.
"""

from collections.abc import Callable, Iterator
from itertools import takewhile
from typing import NamedTuple

from stages.dialogue.repair.characters import (
    break_at_html,
    break_at_separators,
    break_at_written_line_ends,
    compose_syllables,
    decode_excel_escapes,
    decode_html_entities,
    drop_control_characters,
    drop_hidden,
    drop_zero_width,
    mend_jamo,
    strip_stray_quotes,
    unify_line_ends,
)
from stages.dialogue.repair.lines import (
    add_missing_colons,
    drop_blank_lines,
    drop_empty_last_turns,
    join_continued_lines,
    part_turns,
    space_colons,
    strip_blanks,
)
from stages.dialogue.repair.speakers import (
    add_missing_hashes,
    capitalise_speaker_tags,
    close_up_speaker_tags,
    drop_double_hashes,
    narrow_wide_hashes,
    translate_speaker_tags,
)

RULES: tuple[Callable[[str], str], ...] = (
    decode_excel_escapes,
    decode_html_entities,
    break_at_separators,
    unify_line_ends,
    compose_syllables,
    drop_control_characters,
    drop_zero_width,
    break_at_written_line_ends,
    break_at_html,
    strip_blanks,
    drop_blank_lines,
    narrow_wide_hashes,
    translate_speaker_tags,
    capitalise_speaker_tags,
    close_up_speaker_tags,
    drop_double_hashes,
    add_missing_hashes,
    strip_stray_quotes,
    part_turns,
    add_missing_colons,
    space_colons,
    join_continued_lines,
    drop_empty_last_turns,
    mend_jamo,
)


REFERENCE_RULES: tuple[Callable[[str], str], ...] = (
    compose_syllables,
    break_at_separators,
    drop_hidden,
)
"""What a score counts and nobody sees: with it a perfect prediction scores 47."""

IN_REFERENCE = "reference."
"""Before the name of a rule that changed a reference, in ledger and metrics."""


class Step(NamedTuple):
    """One rule that changed a dialogue, or a reference."""

    rule: str
    before: str
    """The whole text."""
    after: str
    """The whole text."""


def repair(dialogue: str) -> str:
    r"""Apply the rules until none changes anything, so that a second repair changes nothing.

    >>> repair("##Person1#:안녕하세요. #Person 2#: 네. \r\n")
    '#Person1#: 안녕하세요.\n#Person2#: 네.'
    """
    for step in repair_steps(dialogue):
        dialogue = step.after
    return dialogue


def repair_steps(dialogue: str) -> Iterator[Step]:
    """Yield the steps of a repair; a rule comes twice where another laid bare what it mends."""
    changed = True
    while changed:
        changed = False
        for rule in RULES:
            after = rule(dialogue)
            if after != dialogue:
                yield Step(rule.__name__, dialogue, after)
                dialogue = after
                changed = True


def reference_steps(reference: str) -> Iterator[Step]:
    r"""Yield what makes a reference the text that is seen; most need nothing.

    >>> [step.after for step in reference_steps("\ufeff인사한다.")]
    ['인사한다.']
    """
    for rule in REFERENCE_RULES:
        after = rule(reference)
        if after != reference:
            yield Step(f"{IN_REFERENCE}{rule.__name__}", reference, after)
            reference = after


def changed_lines(before: str, after: str) -> tuple[str, str]:
    r"""Return what differs, as whole lines, without the equal lines above and below.

    >>> changed_lines("#Person1#: 네.\n#Person2#:네.", "#Person1#: 네.\n#Person2#: 네.")
    ('#Person2#:네.', '#Person2#: 네.')
    """
    old, new = before.split("\n"), after.split("\n")
    above = _equal(old, new)
    below = _equal(old[above:][::-1], new[above:][::-1])
    return "\n".join(old[above : len(old) - below]), "\n".join(new[above : len(new) - below])


def _equal(old: list[str], new: list[str]) -> int:
    pairs = zip(old, new, strict=False)
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))
