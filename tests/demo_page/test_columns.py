import re

import pytest

from stages.charts.vega import english
from stages.demo_page.columns import Column, render_columns, render_fault, style
from stages.model.summarizer import Beam, Beams, Summary

ATTACK = "<script>alert(1)</script>"
NAMES = {"#Person1#": "민수", "#Person2#": "지영"}


def beams(*summaries: str, dialogue: str, left_out: int = 0) -> Beams:
    best = Summary(summaries[0], NAMES, 12, left_out, cut=False)
    found = [Beam(summary, -0.25 * i) for i, summary in enumerate(summaries, start=1)]
    return Beams(best, found, dialogue)


def shown(html: str) -> str:
    """Return the text of HTML, blanks made one."""
    return " ".join(
        re.sub(r"<[^>]*>", "", html.replace("</td>", " ").replace("</th>", " ")).split()
    )


def test_a_column_has_summary_beams_and_marked_turns() -> None:
    written = beams(
        "#Person1#은 도서관에 간다.",
        "#Person2#가 간다.",
        dialogue="#Person1#: 도서관 가자.\n#Person2#: 응.",
    )
    html = render_columns([Column("workspace", written)], spoken="ko", say=english)
    text = shown(html)
    assert "workspace 민수는 도서관1에 간다." in text
    assert "−0.250 the summary above −0.500 지영이 간다." in text
    assert "1 민수 도서관1 가자. 2 지영 응." in text
    assert 'data-mark="1" tabindex="0" title="turn 1">도서관<sup>1</sup>' in html
    assert '<mark class="grammar" title="turns 1, 2">.</mark>' in html
    assert 'title="speaks in turn 1">민수' in html
    assert "Note" not in text


def test_models_stand_in_the_order_that_they_were_named() -> None:
    one = beams("가.", dialogue="#Person1#: 가.")
    html = render_columns([Column("둘째", one), Column("첫째", one)], spoken="ko", say=english)
    assert re.findall("<h2>(.*)</h2>", html) == ["둘째", "첫째"]


def test_turns_that_were_not_read_are_told() -> None:
    written = beams("가.", dialogue="#Person1#: 가.", left_out=3)
    html = render_columns([Column("a", written)], spoken="ko", say=english)
    assert "Note: the model reads 12 tokens (tokenize.max_source_tokens): the last 3" in html


@pytest.mark.parametrize("attack", [ATTACK, "\"' onmouseover='alert(1)", "&lt;b&gt;"])
def test_hostile_text_is_text(attack: str) -> None:
    written = beams(attack, attack, dialogue=f"#Person1#: {attack}\n{attack}")
    html = render_columns([Column(attack, written)], spoken="ko", say=english)
    html += render_fault(attack, english)
    assert attack not in html
    assert not set(re.findall(r"<(\w+)", html)) - {
        *("p", "div", "article", "h2", "h3", "small", "table", "tr", "td", "th"),
        *("span", "mark", "sup"),
    }


def test_the_style_has_the_colours_of_the_report() -> None:
    css = style()
    assert css.startswith(":root {")
    assert "--speaker7" in css
    assert css.count("{") == css.count("}")
    assert "http" not in css
