"""The embedded sample: its files, its form, its Korean, and that it can be made again."""

import csv
import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from random import Random

import pytest

from data.generator.__main__ import SAMPLE, write_split
from data.generator.josa import RIEUL, attach, final_consonant
from data.generator.play import Example, pick_several, play
from data.generator.sample import TOO_ALIKE, draw_splits, jaccard, trigrams
from data.generator.scene import Scene, read_scenes
from stages.dialogue.masks import MASKS
from stages.rouge.tokenizers import parts_of_speech

SPLITS = {"train": 1200, "dev": 150, "test": 150}
SCENES = read_scenes()
TURN = re.compile(r"#Person([1-4])#: \S.*")
TAG = re.compile(r"#\w+#")


def read(split: str) -> list[dict[str, str]]:
    with (SAMPLE / f"{split}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def references(row: dict[str, str]) -> list[str]:
    return [text for name, text in row.items() if name.startswith("summary")]


ROWS = {split: read(split) for split in SPLITS}
EVERY_ROW = [row for rows in ROWS.values() for row in rows]


# Each written out by hand, from the rules of 한글 맞춤법 and 표준국어대사전.
@pytest.mark.parametrize(
    ("word", "josa", "expected"),
    [
        ("가방", "은", "가방은"),
        ("모자", "은", "모자는"),
        ("가방", "이", "가방이"),
        ("모자", "이", "모자가"),
        ("가방", "을", "가방을"),
        ("모자", "을", "모자를"),
        ("가방", "과", "가방과"),
        ("모자", "과의", "모자와의"),
        ("부산", "으로", "부산으로"),
        ("제주", "으로", "제주로"),
        ("서울", "으로", "서울로"),
        ("서울", "으로는", "서울로는"),
        ("수박", "이나", "수박이나"),
        ("사과", "이나", "사과나"),
        ("수박", "이에요", "수박이에요"),
        ("사과", "이에요", "사과예요"),
        ("사과", "이었다", "사과였다"),
        ("지영", "아", "지영아"),
        ("민수", "아", "민수야"),
        ("지영", "~가", "지영이가"),
        ("민수", "~가", "민수가"),
        ("사과", "만", "사과만"),
        ("모자", "", "모자"),
        # A tag is read as its digit: 일, 이, 삼, 사; a mask as what it stands for.
        ("#Person1#", "은", "#Person1#은"),
        ("#Person2#", "이", "#Person2#가"),
        ("#Person3#", "과", "#Person3#과"),
        ("#Person4#", "을", "#Person4#를"),
        ("#Person1#", "으로", "#Person1#로"),
        ("#Person3#", "으로", "#Person3#으로"),
        ("#Email#", "으로", "#Email#로"),
        ("#PhoneNumber#", "은", "#PhoneNumber#는"),
        ("#DateOfBirth#", "이", "#DateOfBirth#이"),
        # Digits and letters by their names, quotation marks not at all.
        ("2026", "은", "2026은"),
        ("30", "을", "30을"),
        ("PC", "을", "PC를"),
        ("URL", "으로", "URL로"),
        ("'푸른 지도'", "이", "'푸른 지도'가"),
    ],
)
def test_josa_follows_the_last_sound(word: str, josa: str, expected: str) -> None:
    assert attach(word, josa) == expected


def test_a_word_without_sound_takes_no_josa() -> None:
    with pytest.raises(ValueError, match="letter or a digit"):
        attach("...", "은")


def test_the_files_come_out_byte_for_byte(tmp_path: Path) -> None:
    for split, examples in draw_splits(SCENES).items():
        write_split(tmp_path / f"{split}.csv", split, examples)
        assert (tmp_path / f"{split}.csv").read_bytes() == (SAMPLE / f"{split}.csv").read_bytes()


@pytest.mark.parametrize(
    ("split", "summaries"),
    [("train", ["summary"]), ("dev", ["summary"]), ("test", ["summary1", "summary2", "summary3"])],
)
def test_a_file_has_the_form_of_the_competition(split: str, summaries: list[str]) -> None:
    rows = ROWS[split]
    assert list(rows[0]) == ["fname", "dialogue", *summaries, "topic"]
    assert [row["fname"] for row in rows] == [f"{split}_{n}" for n in range(SPLITS[split])]
    assert all(value.strip() == value != "" for row in rows for value in row.values())
    assert b"\r" not in (SAMPLE / f"{split}.csv").read_bytes()


def test_every_line_is_a_turn_of_two_to_four_speakers_who_take_turns() -> None:
    for row in EVERY_ROW:
        turns = [TURN.fullmatch(line) for line in row["dialogue"].split("\n")]
        speakers = [int(turn[1]) for turn in turns if turn]
        assert len(speakers) == len(turns), row
        assert 4 <= len(turns) <= 14, row
        assert 2 <= len(set(speakers)) <= 4, row
        assert list(dict.fromkeys(speakers)) == list(range(1, max(speakers) + 1)), row
        assert all(one != following for one, following in pairwise(speakers)), row


def test_every_tag_is_a_mask_and_none_is_in_a_summary_alone() -> None:
    for row in EVERY_ROW:
        said = set(TAG.findall(row["dialogue"]))
        assert said <= set(MASKS), row
        assert all(set(TAG.findall(summary)) <= said for summary in references(row)), row


def test_nothing_of_the_notation_is_left() -> None:
    text = "\n".join("\n".join(row.values()) for row in EVERY_ROW)
    assert not re.findall(r"[<>{}|~\[\]]| / |  | [.,?!]|[.,]{2}", text)


def test_the_references_of_a_dialogue_differ() -> None:
    assert all(len(set(references(row))) == 3 for row in ROWS["test"])


@pytest.mark.parametrize(("split", "other"), [("dev", "train"), ("test", "train"), ("dev", "test")])
def test_no_dialogue_comes_close_to_one_of_another_split(split: str, other: str) -> None:
    grams = [trigrams(row["dialogue"]) for row in ROWS[other]]
    for row in ROWS[split]:
        one = trigrams(row["dialogue"])
        assert all(jaccard(one, two) < TOO_ALIKE for two in grams), row


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.name)
def test_a_summary_names_nothing_that_was_not_said(scene: Scene) -> None:
    words = {
        word
        for group in scene.words
        if "topic" not in group.names
        for row in group.rows
        for cell in row
        if group.apart or "; " in cell
        for word in cell.split("; ")
        if len(word) > 1
    }
    for example in examples(scene):
        for summary in example.summaries:
            unsaid = {word for word in words if word in summary and word not in example.dialogue}
            assert not unsaid, (example.dialogue, summary)


def test_josa_agree_in_every_sentence() -> None:
    for row in EVERY_ROW:
        for sentence in [*row["dialogue"].split("\n"), *references(row)]:
            wrong = [pair for pair in josa_pairs(sentence) if not agrees(*pair)]
            assert not wrong, sentence


def test_the_check_of_josa_finds_a_wrong_one() -> None:
    sentences = ["#Person1#는 모자을 샀다.", "#Person2#이 서울으로 간다.", "가방와 모자가 있다."]
    assert [
        [before + josa for before, josa in josa_pairs(sentence) if not agrees(before, josa)]
        for sentence in sentences
    ] == [["#Person1#는", "모자을"], ["#Person2#이", "서울으로"], ["가방와"]]


def test_a_role_is_numbered_by_when_it_first_speaks() -> None:
    scene = next(scene for scene in SCENES if scene.name == "makeup_exam")
    for example in examples(scene):
        student = next(line for line in example.dialogue.split("\n") if "교수님" in line)
        assert f"{student.split(':')[0]}" in TAG.findall(example.summaries[0])


def test_choosing_takes_only_what_no_python_version_changes() -> None:
    # random.random() of Random(1) is 0.134, 0.847, 0.763 in every version of Python 3.
    assert pick_several(Random(1), ["가", "나", "다", "라"], 3) == ["가", "라", "다"]


def examples(scene: Scene, *, number: int = 30) -> Iterator[Example]:
    rng = Random(scene.name)
    for _ in range(number):
        yield play(scene, rng, references=3)


def josa_pairs(sentence: str) -> Iterator[tuple[str, str]]:
    """Yield each josa that has two forms, with the word or tag before it."""
    forms = {"은", "는", "이", "가", "을", "를", "과", "와", "으로", "로"}
    yield from re.findall(r"(#\w+#)(으로|로|[은는이가을를과와])(?![가-힣])", sentence)
    plain = TAG.sub(" ", sentence)
    end = 0
    for morpheme, kind in parts_of_speech(plain):
        start = plain.index(morpheme, end)
        end = start + len(morpheme)
        alone = re.search(r"[가-힣]$", plain[:start]) and not re.match(r"[가-힣]", plain[end:])
        if morpheme in forms and kind.startswith("J") and alone:
            yield plain[:start].split()[-1], morpheme


def agrees(before: str, josa: str) -> bool:
    final = final_consonant(before)
    if josa == "으로":
        return final not in {0, RIEUL}
    if josa == "로":
        return final in {0, RIEUL}
    return (final > 0) == (josa in "은이을과")
