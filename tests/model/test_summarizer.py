from collections.abc import Callable
from pathlib import Path

import pytest
from tokenizers import Tokenizer

from stages.dialogue.names import tag_turns
from stages.model.summarizer import SummaryWriter, at_cap, truncation
from stages.params import Engine, Params
from stages.submission.postprocess import named_rules

CHAT = [
    ("민수", "내일 도서관에 갈까?"),
    ("지영", "아홉 시에 보자."),
    ("민수", "정문에서 보자."),
]


def writer(folder: Path, params: Params, *, max_source_tokens: int = 64) -> SummaryWriter:
    return SummaryWriter(
        folder,
        params.generate,
        max_source_tokens=max_source_tokens,
        rules=named_rules(params.predict.rules, "ko"),
    )


@pytest.mark.parametrize("engine", ["torch", "ctranslate2"])
def test_the_best_of_the_beams_is_the_summary(
    untrained: Path, change: Callable[..., Params], engine: Engine
) -> None:
    ours = writer(untrained, change("generate.engine", engine, "generate.num_beams", 4))
    tagged = tag_turns(CHAT)
    found = ours.write_beams(tagged)
    assert found.best == ours.write(tagged)
    assert found.best.names == {"#Person1#": "민수", "#Person2#": "지영"}
    assert len(found.beams) == 4
    assert found.dialogue == tagged.dialogue


def test_only_turns_that_were_read_are_told(untrained: Path, tiny: Params) -> None:
    tagged = tag_turns(CHAT)
    ours = writer(untrained, tiny, max_source_tokens=30)
    found = ours.write_beams(tagged)
    left_out = found.best.turns_left_out
    assert 0 < left_out < 3
    assert found.dialogue.split("\n") == tagged.dialogue.split("\n")[:-left_out]
    assert truncation(found.best).endswith(f"the last {left_out} turns were left out")


def test_of_a_turn_that_was_cut_only_its_beginning_is_told(untrained: Path, tiny: Params) -> None:
    tagged = tag_turns([("민수", "뷁" * 100), ("지영", "네.")])
    found = writer(untrained, tiny).write_beams(tagged)
    assert found.best.cut
    assert found.dialogue.startswith("#Person1#: 뷁뷁")
    assert set(found.dialogue.removeprefix("#Person1#: ")) == {"뷁"}
    assert len(found.dialogue) < 64


@pytest.mark.parametrize(
    ("row", "capped"),
    [
        ("</s> <s> 가 나 다 </s> <pad> <pad>", False),  # transformers, ended by the model
        ("</s> 가 나 다 라 </s>", True),  # transformers, the end forced as the fifth token
        ("</s> 가 나 다 라 마", True),  # transformers, cut
        ("가 나 다", False),  # CTranslate2, ended by the model
        ("가 나 다 라 마", True),  # CTranslate2, cut
        ("#Person1# 나 #Person2# 라 마", True),  # masks are words
        ("", False),
    ],
)
def test_a_summary_at_the_cap_is_told_from_one_that_ended(
    tokenizer: Tokenizer, row: str, capped: bool
) -> None:
    words = {"가": 100, "나": 101, "다": 102, "라": 103, "마": 104}
    ids = [words.get(token, tokenizer.token_to_id(token)) for token in row.split()]
    assert at_cap(tokenizer, [ids], max_new_tokens=5) == [capped]
