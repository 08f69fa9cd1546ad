"""What the page is told of a dialogue."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.dialogue.records import Record
from stages.page.dialogues import ScoredDialogue, entry, shared_pieces, slices_of, thin

RECORD = Record(
    "dev_7",
    "#Person1#: 병원에 갔어?\n#Person2#: 응, 4시에.",
    ("#Person2#는 병원에 갔다.",),
    "병원 방문",
)


def scored(prediction: str, *, near_copy: bool | None = None) -> ScoredDialogue:
    return ScoredDialogue(RECORD, prediction, (50.0, 25.0, 50.0, 41.6667), False, near_copy)


# By hand: MeCab cuts 병원|에|갔|다|. and 학교|에|갔|다|. ; a mask is no token here.
@pytest.mark.parametrize(
    ("text", "other", "pieces"),
    [
        ("병원에 갔다.", "학교에 갔다.", ["병원", "에 갔다.", ""]),
        (
            "#Person1#은 병원에 갔다.",
            "#Person1#은 놀았다.",
            ["#Person1#", "은", " 병원에 갔", "다.", ""],
        ),
        ("병원에 갔다.", "", ["병원에 갔다."]),
        ("", "병원", [""]),
        # The other has one 병원, so that the second is not shared.
        ("병원 병원", "병원", ["", "병원", " 병원"]),
        ("🙂 병원", "병원", ["🙂 ", "병원", ""]),
        ("병\0원", "병원", ["병\0원"]),
    ],
)
def test_the_shared_tokens_are_those_that_rouge_1_counts(
    text: str, other: str, pieces: list[str]
) -> None:
    assert shared_pieces(text, [other], "mecab") == pieces


def test_a_token_of_any_reference_is_shared() -> None:
    assert shared_pieces("가 나 다", ["가", "다"], "whitespace") == ["", "가", " 나 ", "다", ""]


@given(st.text(alphabet="병원에 갔다.#Person12\n<🙂", max_size=40), st.text(max_size=20))
def test_the_pieces_are_the_text(text: str, other: str) -> None:
    pieces = shared_pieces(text, [other], "character")
    assert "".join(pieces) == text
    assert len(pieces) % 2 == 1


@given(st.text(alphabet="가나다 ", max_size=20), st.text(alphabet="가나다 ", max_size=20))
def test_both_sides_share_equally_much(one: str, other: str) -> None:
    def letters(text: str, beside: str) -> int:
        return sum(
            len("".join(p.split())) for p in shared_pieces(text, [beside], "character")[1::2]
        )

    assert letters(one, other) == letters(other, one)


def test_a_dialogue_has_its_slices_and_errors() -> None:
    told = entry(scored("#Person3#는 5시에 병원에 갔다."), "mecab", "ko")
    assert told["id"] == "dev_7"
    assert told["errors"] == ["unknown_speaker", "unknown_number"]
    assert told["scores"] == [50.0, 25.0, 50.0, 41.67]
    assert told["slices"] == {
        "topic": "treatment",
        "speakers": "2",
        "turns": "0-5",
        "source_length": "0-249",
        "summary_length": "0-49",
        "truncated": "no",
    }


def test_a_near_copy_is_a_slice_only_where_somebody_looked() -> None:
    assert "near_copy" not in slices_of(scored("네."), "ko")
    assert slices_of(scored("네.", near_copy=True), "ko")["near_copy"] == "yes"
    assert slices_of(scored("네.", near_copy=False), "ko")["near_copy"] == "no"


def test_too_many_dialogues_are_thinned_evenly() -> None:
    rows = [scored(str(i)) for i in range(9)]
    size = len((RECORD.dialogue + RECORD.summaries[0]).encode()) + 1
    assert thin(rows, most=9 * size) == rows
    assert [one.prediction for one in thin(rows, most=4 * size)] == ["0", "3", "6"]
    assert thin([], most=10) == []


@pytest.mark.parametrize(
    ("text", "other", "pieces"),
    [
        ("#Person1# is Dying.", "She dies.", ["#Person1# is ", "Dying", "."]),
        ("İ saw the Skies", "the sky, i", ["", "İ", " saw ", "the Skies", ""]),
    ],
)
def test_english_words_are_shared_by_their_stems(text, other, pieces):
    assert shared_pieces(text, [other], "english") == pieces
