"""What models wrote of a dialogue → HTML: a column each, side by side.

Every text is data: jinja2 escapes it, and Gradio puts the result into the page as it is.
"""

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

from jinja2 import Template

from stages.charts.theme import theme
from stages.demo_page.sources import find_sources
from stages.dialogue.names import name_pieces, name_speakers
from stages.dialogue.turns import split_turns
from stages.model.summarizer import Beams, truncation
from stages.page.template import environment

_HERE = Path(__file__).parent

MOST_NUMBERS = 200
"""Numbers of marks that light up together; a summary of 100 tokens has fewer."""


class Column(NamedTuple):
    """A model with what it wrote."""

    model: str
    written: Beams


def render_columns(columns: Sequence[Column]) -> str:
    """Return the columns, each with summary, beams, and the dialogue in which it has its words."""
    return _template().render(kind="columns", columns=[_column(one) for one in columns])


def render_fault(sentence: str) -> str:
    """Return the line that says what was wrong with the input."""
    return _template().render(kind="fault", sentence=sentence)


def style() -> str:
    """Return the CSS of the columns, in the report's colours."""
    lit = ", ".join(
        f'.model:has([data-mark="{n}"]:hover) [data-mark="{n}"]' for n in range(1, MOST_NUMBERS)
    )
    own = (_HERE / "columns.css").read_text(encoding="utf-8")
    return f"{theme()}{own}\n{lit} {{ --mark: var(--lit); }}\n"


def _column(column: Column) -> dict[str, object]:
    """Return what the template shows."""
    best, beams, dialogue = column.written
    turns = split_turns(dialogue)
    sources = find_sources(name_pieces(beams[0].summary, best.names), turns)
    speakers = [(turn.speaker, best.names.get(turn.speaker, turn.speaker)) for turn in turns]
    return {
        "model": column.model,
        "score": beams[0].score,
        "note": truncation(best),
        "summary": sources.summary,
        "others": [(name_speakers(one.summary, best.names), one.score) for one in beams[1:]],
        "turns": list(zip(speakers, sources.turns, strict=True)),
    }


@cache
def _template() -> Template:
    pages = environment(_HERE)
    pages.filters |= {"place": _place, "points": _points}
    return pages.get_template("columns.html")


def _place(turns: Sequence[int]) -> str:
    """Return how a mark names its turns.

    >>> _place([3]), _place([1, 3])
    ('turn 3', 'turns 1, 3')
    """
    return f"turn{'s' if len(turns) > 1 else ''} {', '.join(map(str, turns))}"


def _points(score: float) -> str:
    """Return a score with a real minus.

    >>> _points(-0.6149)
    '−0.615'
    """
    return f"{score:.3f}".replace("-", "−")
