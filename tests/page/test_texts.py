"""That nothing which report and demo say is left in English where the reader reads Korean."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from stages.charts.axes import SCORE
from stages.charts.search import KINDS
from stages.charts.studies import NO_SCORE, SOURCES
from stages.comparison.notes import NOT_COMPARABLE
from stages.dialogue.repair.ledger import RULE_NAMES
from stages.page.compared import MARKS
from stages.page.sections import faults, headline, rules, slice_label
from stages.page.texts import KOREAN, saying
from stages.scoring.errors import ERRORS
from stages.scoring.floors import FLOORS

STAGES = Path(__file__).parents[2] / "stages"
IN_TEMPLATE = re.compile(r"""\b(?:say|rich)\((?:"((?:[^"\\]|\\.)*)"|'([^']*)')""")
FIELD = re.compile(r"\{\w*(?:[:!][^}]*)?\}")


def in_templates() -> Iterator[str]:
    """Yield what templates and scripts say."""
    for folder in ("page", "demo_page"):
        for path in (STAGES / folder).iterdir():
            if path.suffix in (".html", ".js"):
                for double, single in IN_TEMPLATE.findall(path.read_text(encoding="utf-8")):
                    yield ast.literal_eval(f'"{double}"') if double else single


def in_code() -> Iterator[str]:
    """Yield what Python says, where the text stands in the call, and names of numbers in tips."""
    for path in (
        STAGES / folder / file
        for folder in ("charts", "page", "demo_page")
        for file in sorted(p.name for p in (STAGES / folder).glob("*.py"))
    ):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name)):
                continue
            if node.func.id == "say":
                yield from (one.value for one in node.args[:1] if isinstance(one, ast.Constant))
            if node.func.id == "tips":
                yield from (one.value for one in node.args if isinstance(one, ast.Constant))
                yield from (one.arg for one in node.keywords if one.arg)


def by_name() -> Iterator[str]:
    """Yield what is said of names that are not written out where they are said."""
    yield from (*KINDS, *NO_SCORE.values(), *SOURCES.values(), SCORE, *MARKS, *MARKS.values())
    yield from ("complete", "pruned", "fail", "better", "worse", "tie", "baseline")
    scores = {"n": 499, "rouge_mean": 50.0, "rouge_mean_low": 49.0, "rouge_mean_high": 51.0}
    for bar in headline(scores, dict.fromkeys(FLOORS, 20.0), scores):
        yield from (bar.name, *([bar.note] if bar.note else []))
    yield from (
        rule.meaning for rule in rules({"train": {"rules": dict.fromkeys(RULE_NAMES, 0)}}, {})
    )
    for fault in faults(dict.fromkeys(ERRORS, 0)):
        yield from (fault.label, fault.meaning)
    ways = ("topic", "speakers", "turns", "source_length", "summary_length", "truncated")
    yield from map(slice_label, (*ways, "near_copy"))
    yield from (
        "treatment",
        "school",
        "work",
        "travel",
        "shopping",
        "leisure",
        "other",
        "yes",
        "no",
    )


@pytest.mark.parametrize("said", [in_templates, in_code, by_name])
def test_whatever_is_said_is_said_in_korean(said) -> None:
    texts = set(said())
    assert len(texts) > 20
    assert sorted(text for text in texts if text not in KOREAN) == []


def test_both_languages_have_the_same_values_and_tags() -> None:
    for english, korean in KOREAN.items():
        for part in (FIELD, re.compile("</?[a-z]+[^>]*>")):
            tags = sorted(part.findall(english)), sorted(part.findall(korean))
            assert tags[0] == tags[1], english


def test_korean_is_korean() -> None:
    left = [text for text in KOREAN.values() if not re.search("[가-힣]", text)]
    assert left == ["rouge_mean"]


def test_every_mark_of_a_comparison_is_explained() -> None:
    assert set(MARKS) >= NOT_COMPARABLE


def test_an_unknown_text_stays_as_it_is() -> None:
    assert saying("ko")("new error") == "new error"
    assert saying("en")("{n} seeds", n=3) == "3 seeds"
    assert saying("ko")("{n} seeds", n=3) == "시드 3개"
