"""What models wrote of a dialogue → HTML: a column each, side by side.

Every text is data: jinja2 escapes it, and Gradio puts the result into the page as it is.
"""

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

from jinja2 import Template

from stages.charts.theme import theme
from stages.charts.vega import Say
from stages.demo_page.sources import find_sources
from stages.dialogue.names import name_pieces, name_speakers
from stages.dialogue.turns import split_turns
from stages.model.summarizer import Beams, Summary
from stages.page.template import environment
from stages.params import Language

_HERE = Path(__file__).parent

ADVICE = "The dialogue cannot be read. Write one turn a line, with a name and a colon before it."
MOST_NUMBERS = 200
"""Numbers of marks that light up together; a summary of 100 tokens has fewer."""


class Column(NamedTuple):
    """A model with what it wrote."""

    model: str
    written: Beams


def render_columns(columns: Sequence[Column], *, spoken: Language, say: Say) -> str:
    """Return the columns, each with summary, beams, and the dialogue in which it has its words.

    `spoken` is the language of the dialogues, `say` that of the reader.
    """
    shown = [_column(one, say) for one in columns]
    return _template().render(kind="columns", columns=shown, spoken=spoken, say=say, place=_place)


def render_fault(sentence: str, say: Say) -> str:
    """Return what was wrong with the input, in English as in the terminal, below what to do."""
    told = say(ADVICE)
    advice = "" if told == ADVICE else told  # the English sentence says so itself
    return _template().render(kind="fault", sentence=sentence, advice=advice)


def style() -> str:
    """Return the CSS of the columns, in the report's colours."""
    lit = ", ".join(
        f'.model:has([data-mark="{n}"]:hover) [data-mark="{n}"]' for n in range(1, MOST_NUMBERS)
    )
    own = (_HERE / "columns.css").read_text(encoding="utf-8")
    return f"{theme()}{own}\n{lit} {{ --mark: var(--lit); }}\n"


def _column(column: Column, say: Say) -> dict[str, object]:
    """Return what the template shows."""
    best, beams, dialogue = column.written
    turns = split_turns(dialogue)
    sources = find_sources(name_pieces(beams[0].summary, best.names), turns)
    speakers = [(turn.speaker, best.names.get(turn.speaker, turn.speaker)) for turn in turns]
    return {
        "model": column.model,
        "score": beams[0].score,
        "note": _note(best, say),
        "summary": sources.summary,
        "others": [(name_speakers(one.summary, best.names), one.score) for one in beams[1:]],
        "turns": list(zip(speakers, sources.turns, strict=True)),
    }


@cache
def _template() -> Template:
    pages = environment(_HERE)
    pages.filters |= {"points": _points}
    return pages.get_template("columns.html")


def _place(turns: Sequence[int], say: Say) -> str:
    """Return how a mark names its turns.

    >>> _place([3], english), _place([1, 3], english)
    ('turn 3', 'turns 1, 3')
    """
    return say("turns {n}" if len(turns) > 1 else "turn {n}", n=", ".join(map(str, turns)))


def _note(best: Summary, say: Say) -> str:
    """Return a sentence on what the model did not read; empty where it read everything."""
    n = best.turns_left_out
    read = "Note: the model reads {tokens} tokens (tokenize.max_source_tokens): "
    if not best.cut and not n:
        return ""
    if n > 1:
        lost = f"{'the end of the first turn and ' * best.cut}the last {{n}} turns were left out."
    elif n:
        lost = "the end of the first turn and the last turn were left out."
        lost = lost if best.cut else "the last turn was left out."
    else:
        lost = "the end of the first turn was left out."
    return say(read + lost, tokens=best.tokens, n=n)


def _points(score: float) -> str:
    """Return a score with a real minus.

    >>> _points(-0.6149)
    '−0.615'
    """
    return f"{score:.3f}".replace("-", "−")
