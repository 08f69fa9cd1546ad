"""The sections of the page: what the stages wrote, in the order and the words of a reader."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from stages.charts.studies import SOURCES
from stages.charts.vega import Say
from stages.dialogue.repair.ledger import NEAR_COPY, NO_SUMMARY, TAG_NAMES
from stages.dialogue.repair.rules import IN_REFERENCE, REFERENCE_RULES, RULES
from stages.page.bars import Bar
from stages.scoring.errors import ERRORS
from stages.scoring.floors import FLOORS

COMPETITION_ROWS = 499
PUBLISHED_BASELINE = 47.0
"""`digit82/kobart-summarization` as the organisers trained it, ± 0.5; on the competition's data."""

EXAMPLES = 3
"""Changes that are shown of each rule."""

UNITS = {"source_length": "characters", "summary_length": "characters"}
"""What a slice is measured in, where its values are ranges of something."""

_WHAT_IT_DOES = re.compile(r"^(?:Tell whether|Return) ")
_OUTER_BLANKS = re.compile(r"^ +| +$", re.MULTILINE)

_OTHERS = {
    TAG_NAMES: "Names before the colons become tags; data/clean/speakers.csv has them.",
    f"{IN_REFERENCE}{TAG_NAMES}": "These names become the same tags.",
    f"{IN_REFERENCE}{NO_SUMMARY}": "One of several references is none, such as nan, and left out.",
    NO_SUMMARY: "The training row has no summary and is set aside.",
    NEAR_COPY: "The training row is a near-copy of a dev or test row and is set aside.",
}


@dataclass(frozen=True)
class RuleCounts:
    """A rule of `clean` with what it did."""

    name: str
    meaning: str
    counts: Mapping[str, int]
    """Rows by split."""
    examples: Sequence[tuple[str, str, str]]
    """Where, before and after."""

    @property
    def in_reference(self) -> bool:
        """Tell whether it changes references, and no dialogue."""
        return self.name.startswith(IN_REFERENCE)

    @property
    def total(self) -> int:
        """Rows in all splits."""
        return sum(self.counts.values())


@dataclass(frozen=True)
class ErrorCount:
    """A kind of error with the number of predictions that have it."""

    name: str
    label: str
    meaning: str
    count: int


def headline(
    scores: Mapping[str, Any], floors: Mapping[str, float], test: Mapping[str, Any] | None
) -> list[Bar]:
    """Return the score, test's and the published baseline's where they apply, and the floors."""
    bars = [_bar("This model, dev", "model", scores)]
    if test and test["n"]:
        bars.append(_bar("This model, test", "test", test))
    if scores["n"] == COMPETITION_ROWS:
        note = "published, ± 0.5; holds if these are the competition's dialogues"
        bars.append(Bar("KoBART baseline", "baseline", PUBLISHED_BASELINE, note=note))
    meanings = {name: meaning(floor) for name, floor in FLOORS.items()}
    return bars + [
        Bar(label(name), "floor", score, note=meanings.get(name, ""))
        for name, score in sorted(floors.items(), key=lambda floor: -floor[1])
    ]


def rules(
    cleaned: Mapping[str, Mapping[str, Any]], examples: Mapping[str, Sequence[tuple[str, str, str]]]
) -> list[RuleCounts]:
    """Return every rule of `clean`, the busiest first."""
    meanings = {rule.__name__: meaning(rule) for rule in RULES} | _OTHERS
    meanings |= {f"{IN_REFERENCE}{rule.__name__}": meaning(rule) for rule in REFERENCE_RULES}
    names = dict.fromkeys(name for facts in cleaned.values() for name in facts["rules"])
    found = [
        RuleCounts(
            name,
            meanings.get(name, ""),
            {split: facts["rules"].get(name, 0) for split, facts in cleaned.items()},
            examples.get(name, ()),
        )
        for name in names
    ]
    return sorted(found, key=lambda rule: -rule.total)


def ledger_examples(
    lines: Iterable[Mapping[str, str]],
) -> dict[str, list[tuple[str, str, str]]]:
    """Return the first changes of each rule: where, before and after; long ones are cut."""
    found: dict[str, list[tuple[str, str, str]]] = {}
    for line in lines:
        of_rule = found.setdefault(line["rule"], [])
        if len(of_rule) < EXAMPLES:
            where = f"{line['file']} {line['id']}"
            of_rule.append((where, visible(line["before"]), visible(line["after"])))
    return found


def faults(counts: Mapping[str, int]) -> list[ErrorCount]:
    """Return the kinds of errors, the most frequent first."""
    meanings = {name: meaning(found) for name, found in ERRORS.items()}
    found = [ErrorCount(name, label(name), meanings.get(name, ""), n) for name, n in counts.items()]
    return sorted(found, key=lambda fault: -fault.count)


def label(name: str) -> str:
    """Return a name as words.

    >>> label("first_two_turns")
    'First two turns'
    """
    return name.replace("_", " ").capitalize()


def slice_label(name: str) -> str:
    """Return the name of a slice with its unit.

    >>> slice_label("source_length")
    'Source length, characters'
    """
    unit = UNITS.get(name)
    return f"{label(name)}, {unit}" if unit else label(name)


def value_label(value: str, say: Say) -> str:
    """Return a slice's value with a real dash, and an open range in words.

    >>> value_label("6-10", english), value_label("21-", english), value_label("work", english)
    ('6–10', '21 and more', 'work')
    """
    start, dash, end = value.partition("-")
    if not (dash and start.isdigit()):
        return say(value)
    return f"{start}–{end}" if end else say("{n} and more", n=start)


def source_label(source: str, say: Say) -> str:
    """Return where a trial came from; an experiment by its name.

    >>> source_label("present params", english), source_label("experiment grid-1", english)
    ('params before the search', 'experiment grid-1')
    """
    return say(SOURCES[source]) if source in SOURCES else _experiment(source, say)


def winner_label(trial: str, say: Say) -> str:
    """Return what won: `trial tune-0123abcd-7`, an experiment, or the params before the search."""
    name = trial.removeprefix("trial ")
    return say("trial {name}", name=name) if name != trial else source_label(trial, say)


def verdict(best: Mapping[str, Any], say: Say) -> str:
    """Say what the winner of a search is worth, from the figures of best.yaml."""
    if best["score"] == 0:
        return say("Nothing that was tried scores above 0.")
    if not best["present"]:
        return say("Not compared: the params before the search give no score.")
    apart = best.get("difference")
    if not apart:
        same = best["trial"] in SOURCES
        text = "The params before the search are the best that was found, over {n} seeds each."
        return say(text, n=len(best["scores"])) if same else say("Not compared.")
    better, worse = "Better than the noise: {figures}.", "Not better than the noise: {figures}."
    figures = "{difference:+.2f} [{low:+.2f}, {high:+.2f}] rouge_mean, p {p:.4f}".format(**apart)
    n, others = len(best["scores"]), len(best["present"]["scores"])
    if n == 1:
        seeds = say(
            "On one seed, which says nothing of others, against the params before the search."
        )
    elif n == others:
        seeds = say("Over {n} seeds each, against the params before the search.", n=n)
    else:
        seeds = say(
            "Over {n} seeds, against the params before the search over {others}.",
            n=n,
            others=others,
        )
    sentences = [say(better if best["better"] else worse, figures=figures), seeds]
    if best.get("noise"):
        sentences.append(say("Seeds alone do up to {noise:.2f}.", noise=best["noise"]))
    return " ".join(sentences)


def meaning(function: Callable[..., object]) -> str:
    """Return the first sentence of a docstring: the rule's or the error's own words.

    >>> meaning(unfinished)
    'The prediction stops before the end of a sentence.'
    """
    sentence = (function.__doc__ or "").strip().split("\n\n")[0]
    sentence = _WHAT_IT_DOES.sub("", " ".join(sentence.split()))
    return sentence[:1].upper() + sentence[1:]


def visible(text: str, most: int = 240) -> str:
    r"""Return `text` with what nobody sees made visible, cut at `most` characters.

    >>> visible("네.\u200b\x08 ")
    '네.\\u200b\\x08·'
    """
    text = _OUTER_BLANKS.sub(lambda blanks: "·" * len(blanks[0]), text)
    shown = "".join(
        c if c == "\n" or c.isprintable() else c.encode("unicode_escape").decode("ascii")
        for c in text
    )
    return shown if len(shown) <= most else f"{shown[:most]}…"


def _experiment(source: str, say: Say) -> str:
    name = source.removeprefix("experiment ")
    return say("experiment {name}", name=name) if name != source else source


def _bar(name: str, kind: str, scores: Mapping[str, Any]) -> Bar:
    low, high = scores["rouge_mean_low"], scores["rouge_mean_high"]
    return Bar(name, kind, scores["rouge_mean"], low, high)
