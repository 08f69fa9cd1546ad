"""What becomes of each kind of model on the way through the stages; a row of docs/models.md each.

`python -m tests.model.matrix` writes the table. A model learns four dialogues by heart, which ten
copies of each make 40 rows; `dev` and `test` are the same four. So every summary must come out
exact and end by itself, whatever decodes it.
"""

import csv
import io
import sys
import tempfile
import warnings
from contextlib import chdir, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow.parquet as pq
import torch
from tokenizers import Tokenizer

from stages import clean, evaluate, predict, tokenize, train
from stages.command.errors import UserError
from stages.command.files import read_json, write_csv
from stages.dialogue.masks import MASKS
from stages.model.batches import targets_of
from stages.model.engine import read_summarizer
from stages.model.kind import kind_of
from stages.model.kinds import is_causal
from stages.model.prompt import PLAIN_ANSWER, USER, read_prompt
from stages.model.summarizer import at_cap
from stages.model.tokenizer import (
    decode,
    encode,
    encode_dialogues,
    frame,
    read_tokenizer,
    separator,
)
from stages.model.torch_engine import Summarizer, Torch
from stages.model.trained import trained_config
from stages.params import DIALOGUE, Params
from stages.paths import SUMMARIZER, TOKEN_METRICS
from tests.conftest import DIALOGUES, ROOT, tiny_params, write_params
from tests.model.kinds import CAUSAL_KINDS, KINDS, REAL, make_kind, real_folder

LEARNT = DIALOGUES[:4]
COPIES = 10
DOCS = ROOT / "docs" / "models.md"
BEGIN, END = "<!-- made by tests/model/matrix.py -->", "<!-- end -->"
BLANKS = "의사는 #Person2#에게 #Person1#의 약을 준다."
"""Blanks before masks, and none behind them."""
SLOW = "real pko-t5"
REFUSED = "blenderbot-small"
"""Its tokenizer is of a class that no tokenizer.json describes."""
REAL_KIND = "real "
"""Before the name of a kind whose tokenizer is a published one."""


LORA = " + LoRA"
"""Behind the name of a kind whose weights stay as they are beside a trained adapter."""
WITH_LORA = ("bart", "t5-v1_1", "qwen3")


class Row(NamedTuple):
    """What was seen of one kind."""

    kind: str
    frame: str
    """What stands around a text."""
    same_loss: bool
    """The loss of a batch is that of transformers' collator and model."""
    exact: int
    """Summaries of four that are the reference, to the letter but for blanks."""
    ends: int
    """Summaries of four that end by themselves."""
    engine: str
    """The fastest that scores the model's summaries as torch does, on a CPU."""
    same_text: bool
    """It gives torch's text, and so does `auto`."""
    submitted: bool
    """`predict` wrote a summary of each dialogue."""
    masks: bool
    """Each mask is one token, or with LoRA and in decoder-only models comes back as text."""
    blanks: bool
    """Every summary comes back from its ids with its blanks."""
    card: bool
    """The snippet of the model card encodes as the stages do, and writes the summary."""


def all_kinds() -> list[str]:
    """Return the made kinds that can be trained, and those with real tokenizers."""
    made = [kind for kind in KINDS if kind != REFUSED]
    return [
        *made,
        *(f"{REAL_KIND}{name}" for name in REAL),
        *CAUSAL_KINDS,
        *(f"{kind}{LORA}" for kind in WITH_LORA),
    ]


def model_folder(kind: str, folder: Path) -> Path:
    """Make the pretrained folder of a kind."""
    if kind.startswith(REAL_KIND):
        return real_folder(kind.removeprefix(REAL_KIND), folder)
    turns = tuple(turn for pair in DIALOGUES for text in pair for turn in text.split("\n"))
    make_kind(kind.removesuffix(LORA), folder, turns)
    return folder


def walk(kind: str, pretrained: Path, folder: Path) -> Row:
    """Take a pretrained model through the stages in `folder`, from CSV to a summary."""
    with chdir(folder), redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
        write_rows()
        write_params(learning(pretrained, kind))
        for stage in (clean, tokenize, train, evaluate, predict):
            stage.main()
        tokenizer = read_tokenizer(SUMMARIZER)
        model = kind_of(trained_config(SUMMARIZER)).read_model(SUMMARIZER)
        sources = pq.read_table("data/tokens/dev.parquet")["input_ids"].to_pylist()
        settings = learning(pretrained, kind).generate
        ids = Torch(model).generate(sources, settings)
        by_torch = decode(tokenizer, ids)
        fastest = read_fastest()
        by_fastest = decode(tokenizer, fastest.generate(sources, settings))
        references = [summary for _, summary in LEARNT]
        as_text = LORA in kind or kind in CAUSAL_KINDS
        known = "".join(text for pair in DIALOGUES for text in pair)
        masks = [mask for mask in MASKS if mask in known or not as_text]
        return Row(
            kind=kind,
            frame=read_json(TOKEN_METRICS, made_by="dvc repro tokenize")["frame"],
            same_loss=has_same_loss(model, tokenizer),
            exact=sum(map(same_words, by_torch, references)),
            ends=sum(not capped for capped in at_cap(tokenizer, ids, max_new_tokens=60)),
            engine="torch" if isinstance(fastest, Torch) else "ctranslate2",
            same_text=by_torch == by_fastest == read_predictions("data/predictions/scored/dev.csv"),
            submitted=all(read_submission()),
            masks=all(keeps_mask(tokenizer, mask, as_text=as_text) for mask in masks),
            blanks=all(keeps_blanks(tokenizer, text) for text in [*references, BLANKS]),
            card=card_runs(tokenizer),
        )


def read_fastest() -> Summarizer:
    """Return CTranslate2 where it scores the model's summaries as torch does, else torch."""
    try:
        return read_summarizer(SUMMARIZER, "ctranslate2")
    except UserError:
        return read_summarizer(SUMMARIZER, "torch")


def write_rows() -> None:
    """Write train, dev and test as CSV."""
    rows = [[*pair, "일상"] for pair in LEARNT]
    for split, copies in [("train", COPIES), ("dev", 1), ("test", 1)]:
        numbered = [[f"{split}_{i}", *row] for i, row in enumerate(rows * copies)]
        header = ["fname", "dialogue", "summary", "topic"]
        write_csv(Path(f"data/raw/{split}.csv"), header, numbered)


def learning(pretrained: Path, kind: str) -> Params:
    """Return params with which a tiny model learns four dialogues by heart.

    32 units over pko-t5's 50,000 tokens need more, and learn to end before they learn to read.
    """
    lr, epochs = (1e-2, 60) if kind == SLOW else (5e-3, 40)
    rank = 32 if LORA in kind else 0
    room = 640 if kind.removesuffix(LORA) in CAUSAL_KINDS else 64
    return tiny_params(
        *(
            "lora.rank",
            rank,
            "lora.alpha",
            64,
            "lora.dropout",
            0.0,
            "tokenize.max_source_tokens",
            room,
        ),
        *("model.name", str(pretrained), "train.lr", lr, "train.batch_size", 4),
        *("train.epochs", epochs, "train.eval_rows", 4, "train.label_smoothing", 0.0),
        *("tokenize.max_target_tokens", 64, "generate.num_beams", 4),
        *("generate.max_new_tokens", 60, "generate.engine", "auto"),
    )


def has_same_loss(model: Any, tokenizer: Tokenizer) -> bool:
    """Compare the loss of the first rows with that of transformers' own collator and model."""
    kind = kind_of(model.config)
    rows = pq.read_table("data/tokens/train.parquet").slice(0, 4).to_pylist()
    inputs = kind.collate(rows, pad=model.config.pad_token_id)
    batch = causal_batch(model) if is_causal(model.config) else seq2seq_batch(model, tokenizer)
    with torch.inference_mode():
        logits = kind.logits_of_summaries(model, model, inputs)
        ours = torch.nn.functional.cross_entropy(logits, targets_of(inputs))
        with warnings.catch_warnings():  # bert2bert tells of its loss in 2021
            warnings.simplefilter("ignore", FutureWarning)
            loss = model(**batch).loss
    return bool(torch.isclose(ours, loss, rtol=1e-4, atol=1e-5))


def seq2seq_batch(model: Any, tokenizer: Tokenizer) -> Any:
    """Return the first rows as transformers' own collator has them."""
    from transformers import AutoTokenizer, DataCollatorForSeq2Seq

    theirs = AutoTokenizer.from_pretrained(SUMMARIZER)
    between = separator(tokenizer)
    return DataCollatorForSeq2Seq(theirs, model)(
        [
            theirs(dialogue.replace("\n", between))
            | {"labels": theirs(text_target=summary)["input_ids"]}
            for dialogue, summary in LEARNT
        ]
    )


def causal_batch(model: Any) -> dict[str, torch.Tensor]:
    """Return the first rows as one makes them by hand: chat template, -100 on what is asked."""
    from transformers import AutoTokenizer

    theirs = AutoTokenizer.from_pretrained(SUMMARIZER)
    user = USER["ko"]
    rows = []
    for dialogue, summary in LEARNT:
        asked = user.replace(DIALOGUE, dialogue)
        if theirs.chat_template:
            asked = theirs.apply_chat_template(
                [{"role": "user", "content": asked}],
                tokenize=False,
                add_generation_prompt=True,
                enable_thinking=False,
            )
        else:
            asked += PLAIN_ANSWER["ko"]
        source, target = (
            theirs(text, add_special_tokens=False)["input_ids"]
            for text in (asked, summary + theirs.eos_token)
        )
        rows.append((source + target, [-100] * len(source) + target))
    longest = max(len(ids) for ids, _ in rows)
    pad = model.config.pad_token_id
    return {
        "input_ids": torch.tensor([ids + [pad] * (longest - len(ids)) for ids, _ in rows]),
        "attention_mask": torch.tensor(
            [[1] * len(ids) + [0] * (longest - len(ids)) for ids, _ in rows]
        ),
        "labels": torch.tensor([labels + [-100] * (longest - len(labels)) for _, labels in rows]),
    }


def same_words(one: str, other: str) -> bool:
    """Compare two texts but for their blanks."""
    return "".join(one.split()) == "".join(other.split())


def keeps_blanks(tokenizer: Tokenizer, text: str) -> bool:
    """Tell whether a text comes back from its ids as it was."""
    return decode(tokenizer, [encode(tokenizer, [text], max_tokens=99)[0].ids]) == [text]


def keeps_mask(tokenizer: Tokenizer, mask: str, *, as_text: bool) -> bool:
    """Tell whether a mask is one token, or where none is added is read as it is written."""
    ids = inner_ids(tokenizer, mask)
    return decode(tokenizer, [ids]) == [mask] if as_text else len(ids) == 1


def inner_ids(tokenizer: Tokenizer, text: str) -> list[int]:
    """Return the ids of a text without its frame."""
    before, after = frame(tokenizer)
    ids = encode(tokenizer, [text], max_tokens=99)[0].ids
    return ids[len(before) : len(ids) - len(after)]


def read_predictions(path: str) -> list[str]:
    """Return the predictions that `evaluate` wrote."""
    with Path(path).open(encoding="utf-8", newline="") as file:
        return [row["prediction"] for row in csv.DictReader(file)]


def read_submission() -> list[str]:
    """Return the summaries that `predict` wrote."""
    with Path("data/predictions/submission.csv").open(encoding="utf-8", newline="") as file:
        return [row["summary"] for row in csv.DictReader(file)]


def card_runs(tokenizer: Tokenizer) -> bool:
    """Run the snippet of the model card; it must encode as the stages do, and write something."""
    text = Path("models/summarizer/README.md").read_text(encoding="utf-8")
    names: dict[str, Any] = {}
    with redirect_stdout(io.StringIO()) as printed:
        exec(text.split("```python\n")[1].split("```")[0], names)  # noqa: S102 (written by us)
    prompt = read_prompt(SUMMARIZER)
    dialogue = (
        names["dialogue"] if prompt else names["dialogue"].replace(separator(tokenizer), "\n")
    )
    [encoded] = encode_dialogues(tokenizer, [dialogue], max_tokens=640, prompt=prompt)
    ours = encoded.ids
    return names["source"]["input_ids"][0].tolist() == ours and bool(printed.getvalue().strip())


def table(rows: list[Row]) -> str:
    """Return the rows as Markdown."""
    heads = [
        *("kind", "frame", "loss as transformers'", "learnt", "ends by itself", "engine on a CPU"),
        *("same text as torch", "masks one token", "blanks come back", "card's snippet"),
    ]
    signs = {True: "yes", False: "**no**"}
    lines = [
        [
            *(
                row.kind,
                f"`{row.frame}`".replace("|", "\\|"),
                signs[row.same_loss],
                f"{row.exact} of 4",
            ),
            *(f"{row.ends} of 4", row.engine, signs[row.same_text], signs[row.masks]),
            *(signs[row.blanks], signs[row.card]),
        ]
        for row in rows
    ]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in [heads, ["---"] * len(heads), *lines])


def main() -> None:
    """Write the table into docs/models.md."""
    torch.set_num_threads(1)  # as in the tests; such small models gain nothing by more
    rows = []
    for kind in sys.argv[1:] or all_kinds():
        with tempfile.TemporaryDirectory() as pretrained, tempfile.TemporaryDirectory() as folder:
            rows.append(walk(kind, model_folder(kind, Path(pretrained)), Path(folder)))
        print(rows[-1], flush=True)
    text = DOCS.read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    DOCS.write_text(f"{before}{BEGIN}\n{table(rows)}\n{END}{after}", encoding="utf-8")


if __name__ == "__main__":
    main()
