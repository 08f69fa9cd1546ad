"""Which turns a summary's morphemes come from. The expected marks were made by hand."""

from hypothesis import given
from hypothesis import strategies as st

from stages.demo_page.sources import Mark, find_sources
from stages.dialogue.names import Piece, name_pieces
from stages.dialogue.turns import Turn, split_turns

DIALOGUE = (
    "#Person1#: 내일 도서관에 갈까?\n#Person2#: 도서관 아홉 시에 보자.\n#Person1#: 응, 내일 보자."
)
NAMES = {"#Person1#": "민수", "#Person2#": "지영"}


def marks(summary: str, dialogue: str = DIALOGUE) -> list[tuple[str, int, tuple[int, ...]]]:
    """Return what is marked of a summary: the text, its number, its turns."""
    found = find_sources(name_pieces(summary, NAMES), split_turns(dialogue))
    return [(mark.text, mark.number, mark.turns) for mark in found.summary if mark.turns]


def test_each_morpheme_of_the_summary_names_the_turns_that_have_it() -> None:
    assert marks("#Person1#은 #Person2#와 내일 아홉 시에 도서관에서 만난다.") == [
        ("민수", 0, (1, 3)),
        ("지영", 0, (2,)),
        ("내일", 1, (1, 3)),
        ("아홉", 2, (2,)),
        ("시", 3, (2,)),
        ("에", 0, (1, 2)),
        ("도서관", 4, (1, 2)),
        (".", 0, (2, 3)),
    ]


def test_the_dialogue_has_the_numbers_of_the_summary() -> None:
    pieces = name_pieces("도서관에 내일 간다. 도서관이다.", {})
    turns = find_sources(pieces, split_turns(DIALOGUE)).turns
    assert [[(mark.text, mark.number) for mark in turn if mark.number] for turn in turns] == [
        [("내일", 2), ("도서관", 1)],
        [("도서관", 1)],
        [("내일", 2)],
    ]


def test_what_nobody_said_is_not_marked() -> None:
    assert marks("기차표를 두 장 산다") == []
    assert marks("") == []
    assert marks("내일 간다.", "") == []


def test_grammar_is_no_source_of_a_word_that_is_written_alike() -> None:
    """In `이 사과` 이 is "this"; in `책이` it is a josa."""
    assert marks("이 사과", "#Person1#: 책이 많다") == []
    assert marks("이 사과", "#Person1#: 이 책") == [("이", 1, (1,))]


def test_a_speaker_that_says_nothing_has_no_turn() -> None:
    first = find_sources(name_pieces("#Person3#이 온다.", NAMES), []).summary[0]
    assert first == Mark("#Person3#", tag="#Person3#")


def test_a_name_is_coloured_as_its_speaker_with_the_josa_outside() -> None:
    pieces = name_pieces("#Person1#은 #Person2#가 온다고 한다.", NAMES | {"#Person2#": "나"})
    assert pieces[1:4] == [
        Piece("#Person1#", "민수"),
        Piece("", "는 "),
        Piece("#Person2#", "내"),
    ]


@given(st.text(alphabet="가나다 는이.#Person12\t\u200b<>&한국", max_size=40), st.text(max_size=40))
def test_joined_marks_are_the_texts(summary: str, turn: str) -> None:
    found = find_sources(name_pieces(summary, {}), [Turn("#Person1#", turn)])
    assert "".join(mark.text for mark in found.summary) == summary
    assert "".join(mark.text for mark in found.turns[0]) == turn
