"""What is wrong with the summaries of a submission, and all that is wrong with one."""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

from stages.dialogue.masks import MASKS
from stages.dialogue.placeholders import is_read_as_missing
from stages.dialogue.repair.characters import compose_syllables, is_hidden, is_written_code
from stages.params import Language
from stages.scoring.errors import copied, damaged_mask, unfinished
from stages.submission.faults import Fault
from stages.submission.form import Entry, id_faults, read_submission
from stages.submission.postprocess import SPECIAL_TOKEN, has_words

_TAG = re.compile(r"#[A-Za-z가-힣]+\d*#")
_BLANKS = re.compile(r"^\s|\s$|[^\S\r\n]{2}")
_ODD_BLANK = re.compile(r"[^\S \t\r\n\x0b\x0c\x1c-\x1f\x85\u2028\u2029]")  # no-break, wide, …
_LIST = re.compile(r"""\s*[\[(]\s*['"].*['"]\s*[\])]\s*""", re.DOTALL)


def check_submission(
    path: Path, dialogues: Mapping[str, str] | None, language: Language
) -> tuple[int, list[Fault]]:
    """Return the number of rows, and everything that is wrong with the file.

    `dialogues` are those of test by their ids, in their order; without them neither ids nor tags
    nor copies can be told.
    """
    entries, faults = read_submission(path)
    faults += id_faults(entries, None if dialogues is None else list(dialogues))
    n = len(entries)
    if not n and not any(fault.refused for fault in faults):
        faults.append(Fault("no_rows", 0, "", "there is a header and no row below it"))
    averages = {fault.row for fault in faults if fault.kind == "average"}
    entries = [entry for entry in entries if entry.row not in averages]
    for entry in entries:
        faults += summary_faults(entry, (dialogues or {}).get(entry.id), language)
    return n, faults + repeated_summaries(entries) + lost_tags(entries)


def summary_faults(entry: Entry, dialogue: str | None, language: Language) -> list[Fault]:
    """Return what is wrong with one summary; without a dialogue nothing is compared with it.

    >>> entry = Entry(1, "0", "test_0", "#Person3#가  간다.")
    >>> [fault.kind for fault in summary_faults(entry, "#Person1#: 네.", "ko")]
    ['blanks', 'foreign_tag']
    """
    summary = entry.summary
    if entry.is_missing:
        empty = not has_words(summary) or is_read_as_missing(summary)
        reason = f"there is no summary in {summary[:20]!r}"
        return [Fault("empty" if empty else "placeholder", entry.row, entry.id, reason)]
    faults = text_faults(summary)
    if unfinished("", SPECIAL_TOKEN.sub("", summary), language):
        faults["unfinished"] = f"no sentence ends with {summary[-20:]!r}"
    if damage := damaged_mask(summary, language):
        faults["damaged_tag"] = f"half a tag, or the word behind a lost one: {damage!r}"
    tags = set(_TAG.findall(summary)) - set(_TAG.findall(dialogue or ""))
    if unknown := sorted(tags - set(MASKS)):
        faults["unknown_tag"] = f"{', '.join(unknown)} is none of the {len(MASKS)} masks"
    if dialogue is not None and (foreign := sorted(tags & set(MASKS))):
        faults["foreign_tag"] = f"the dialogue has no {', '.join(foreign)}"
    if dialogue is not None and copied(dialogue, summary, language):
        faults["copied"] = f"half of it or more is copied from the dialogue: {summary[:30]!r}"
    return [Fault(kind, entry.row, entry.id, reason) for kind, reason in faults.items()]


def text_faults(summary: str) -> dict[str, str]:
    """Return what a score counts in a summary and nobody meant, by its kind.

    >>> list(text_faults("<s>R&amp;B를\u200b 듣는다."))
    ['special_token', 'hidden', 'written_code']
    """
    faults = {}
    if special := [found[0] for found in SPECIAL_TOKEN.finditer(summary)]:
        faults["special_token"] = f"{', '.join(dict.fromkeys(special))} in it, which is no text"
    if _LIST.fullmatch(summary):
        faults["list"] = f"a list of Python's, {summary[:30]!r}; write its text alone"
    if hidden := sorted({ascii(c)[1:-1] for c in summary if c not in "\n\r\t" and is_hidden(c)}):
        faults["hidden"] = f"{', '.join(hidden)} in it, which nobody sees and a score counts"
    if summary != compose_syllables(summary):
        faults["decomposed"] = "syllables in parts (NFD, as macOS writes), other text to a score"
    if is_written_code(summary):
        faults["written_code"] = f"_x000D_ or an HTML entity in it, as such: {summary[-30:]!r}"
    if odd := sorted({f"U+{ord(c):04X}" for c in _ODD_BLANK.findall(summary)}):
        faults["odd_blank"] = f"blanks that are none to every tokenizer: {', '.join(odd)}"
    if _BLANKS.search(summary):
        faults["blanks"] = f"blanks around it or two in a row: {summary[:30]!r}"
    return faults


def repeated_summaries(entries: Sequence[Entry]) -> list[Fault]:
    """Return a fault for each summary that several rows have, at the first of them."""
    rows_of: defaultdict[str, list[Entry]] = defaultdict(list)
    for entry in entries:
        rows_of[" ".join(entry.summary.split())].append(entry)
    faults = []
    for summary, sharing in rows_of.items():
        if len(sharing) > 1 and has_words(summary):
            others = ", ".join(str(entry.row) for entry in sharing[1:6])
            more = "" if len(sharing) <= 6 else f" and {len(sharing) - 6} more"
            reason = f"the same summary as in row {others}{more}: {summary[:30]!r}"
            faults.append(Fault("same_summary", sharing[0].row, sharing[0].id, reason))
    return faults


def lost_tags(entries: Sequence[Entry]) -> list[Fault]:
    """Return a fault where most summaries have no tag: of real references one in seven has none.

    Decoding that skips special tokens takes the tags out of every summary.
    """
    without = [entry for entry in entries if not _TAG.search(entry.summary)]
    if 2 * len(without) <= len(entries):
        return []
    reason = f"{len(without)} of {len(entries)} summaries have no tag; was it skipped in decoding?"
    return [Fault("lost_tags", 0, "", reason)]
