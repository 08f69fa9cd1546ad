"""The schema of params.yaml: every key, its type, its bounds and what it means.

No value has a default here, but for the two options of a range: what DVC is to track stands in
params.yaml. Only `main()` functions call `load_params`; everything else is handed the one section
it needs.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    PlainValidator,
    Tag,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)

from stages.command.errors import UserError
from stages.command.schema import Tagged, describe_faults
from stages.command.yaml_file import read_yaml

Value = str | int | float | bool | None | list[Any]
"""Of one key of params.yaml."""

DIALOGUE = "{dialogue}"
"""Where a prompt has the dialogue."""

MOST = 1_000_000_000
"""Of what is counted or measured: far above what anybody means, and no number overflows."""

Share = Annotated[float, Field(ge=0, lt=1)]
Positive = Annotated[float, Field(gt=0, le=MOST)]
NotNegative = Annotated[float, Field(ge=0, le=MOST)]
Count = Annotated[int, Field(ge=1, le=MOST)]
CountOrOff = Annotated[int, Field(ge=0, le=MOST)]
Seed = Annotated[int, Field(ge=0, lt=2**32)]


class Section(BaseModel):
    """A part of params.yaml: typed, complete, and never changed in place."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        strict=True,
        allow_inf_nan=False,
        use_attribute_docstrings=True,
    )


class Columns(Section):
    id: str | None
    """Column of the ids, null: that of `data.preset`; within others in JSON: `header.id`."""
    dialogue: str | None
    """Column of the dialogues; null: that of `data.preset`."""
    summary: str | None
    """Column of the summaries, and with a number behind it of more; null: as in `data.preset`."""
    topic: str | None
    """Column of the topics, if there is one; null: that of `data.preset`."""


Language = Literal["ko", "en"]


class Data(Section):
    dir: Annotated[str, Field(min_length=1)]
    """Folder with the splits `train`, `dev` and, where there is one, `test`: docs/data.md."""
    preset: Literal["competition", "dialogsum", "samsum", "aihub"]
    """Whose columns the files have; the competition's: `fname`, `dialogue`, `summary`, `topic`."""
    columns: Columns
    speakers: Literal["tags", "names"]
    """`names` before the colons become `#Person1#`, …, in the references too; `tags` stay."""
    language: Language
    """Language of dialogues and summaries, Korean or English: of the constant floor, the rules for
    errors and topics, the sentence for empty summaries, near-copies and the model's card."""


def _kind_of_threshold(value: Any) -> str:
    return "word" if isinstance(value, str) else "number"


class Clean(Section):
    leaks: Literal["drop", "keep"]
    """`drop` takes out training rows that are near-copies of dev or test rows; `keep` does not."""
    leak_threshold: Annotated[
        Annotated[float, Field(ge=0.15, le=1), Tag("number")]
        | Annotated[Literal["auto"], Tag("word")],
        Discriminator(_kind_of_threshold),
    ]
    """Similarity from which on two dialogues are near-copies: Jaccard, character 3-grams; `auto` is
    0.2 for Korean and 0.5 for English. Below 0.15 most dialogues of one subject are alike, and the
    pairs fill the memory."""
    folds: CountOrOff
    """Folds that the training rows are dealt into, copies together and topics balanced; 0: none."""
    fold: CountOrOff
    """The fold, from 1 on, that is dev in place of `dev.csv`; 0: none."""

    @field_validator("folds")
    @classmethod
    def _are_several(cls, folds: int) -> int:
        if folds == 1:
            raise ValueError("should be 0 or at least 2")
        return folds

    @field_validator("fold")
    @classmethod
    def _is_one_of_the_folds(cls, fold: int, others: ValidationInfo) -> int:
        folds = others.data.get("folds", fold)  # missing where it is itself at fault
        if fold > folds:
            raise ValueError(f"should be at most clean.folds, {folds}")
        return fold


class Tokenize(Section):
    vocab_size: Annotated[int, Field(ge=256, le=200_000)]
    """Size of the vocabulary that is trained when `model.name` is `scratch`, in tokens."""
    max_source_tokens: Annotated[int, Field(ge=16, le=MOST)]
    """Longest dialogue, in tokens; of a longer one the last turns that do not fit are left out."""
    max_target_tokens: Annotated[int, Field(ge=8, le=MOST)]
    """Longest training summary, in tokens."""


class Model(Section):
    name: Annotated[str, Field(min_length=1)]
    """`scratch`, a Hugging Face id such as `digit82/kobart-summarization`, or a local folder."""
    revision: Annotated[str, Field(pattern=r"^[\w./-]*$")]
    """Commit, in quotes, or tag of a Hugging Face id; empty: its newest, which may change."""
    layers: Annotated[int, Field(ge=1, le=48)]
    """Encoder layers, and as many decoder layers (`scratch` only)."""
    d_model: Annotated[int, Field(ge=32, le=65_536, multiple_of=32)]
    """Width, in units; one attention head per 32 (`scratch` only)."""
    dropout: Share
    """Share of activations dropped in training (`scratch` only)."""
    activation: Literal["gelu", "gelu_new", "relu", "silu", "tanh"]
    """Non-linearity of the feed-forward layers (`scratch` only)."""
    init_std: Positive
    """Standard deviation of the initial weights (`scratch` only)."""
    quantize: Literal["none", "4bit"]
    """`4bit` holds the frozen weights of a pretrained model in four bits (nf4, computed in bf16);
    needs LoRA, a CUDA GPU and bitsandbytes."""

    @property
    def base(self) -> str:
        """The name with its revision, where it has one: `digit82/kobart-summarization@3f1c2d0`."""
        return f"{self.name}@{self.revision}" if self.revision else self.name


def _check_targets(targets: Any) -> Any:
    names = isinstance(targets, list) and targets and all(isinstance(t, str) for t in targets)
    if targets != "all_linear" and not names:
        raise ValueError("should be all_linear or a list of names of layers")
    return targets


class Lora(Section):
    rank: Annotated[int, Field(ge=0, le=1024)]
    """Rank of the adapter that is trained in place of a pretrained model's weights; 0: no adapter,
    every weight is trained."""
    alpha: Count
    """The adapter's part is scaled by `alpha / rank`."""
    dropout: Share
    """Share of the adapter's inputs dropped in training."""
    targets: Annotated[str | list[str], PlainValidator(_check_targets)]
    """Layers with an adapter: `all_linear` but the head, or names, such as `[q_proj, v_proj]`."""


class Prompt(Section):
    system: str
    """System message of a decoder-only model; empty: none, or the template's own."""
    user: str
    """Message of a decoder-only model, with `{dialogue}` in it; `auto`: one in `data.language`."""
    thinking: bool
    """Let a model that thinks before it writes do so (the template's `enable_thinking`)."""

    @field_validator("user")
    @classmethod
    def _has_a_dialogue(cls, user: str) -> str:
        if user != "auto" and user.count(DIALOGUE) != 1:
            raise ValueError(f"should be auto or hold {DIALOGUE} once")
        return user


class Train(Section):
    seed: Seed
    """Seed of initial weights, order and dropout."""
    lr: Positive
    """Peak learning rate."""
    batch_size: Count
    """Dialogues in one forward pass, that of all `processes` taken together."""
    gradient_accumulation_steps: Count
    """Forward passes to one optimizer step."""
    epochs: Annotated[float, Field(gt=0, le=10_000)]
    """Passes over the training rows."""
    max_steps: CountOrOff
    """Optimizer steps to train for, in place of `epochs`; 0: `epochs` decides."""
    optim: Literal[
        "adamw_torch",
        "adamw_8bit",
        "paged_adamw_8bit",
        "adafactor",
        "sgd",
        "rmsprop",
        "adagrad",
    ]
    """Optimizer; those in 8 bits need a CUDA GPU and bitsandbytes."""
    gradient_checkpointing: bool
    """Compute activations again in the backward pass: a third slower, in much less memory."""
    momentum: Share
    """Momentum of `sgd` and `rmsprop`."""
    weight_decay: NotNegative
    """Weight decay."""
    warmup_ratio: Share
    """Share of the steps over which the learning rate rises to its peak."""
    lr_scheduler_type: Literal[
        "linear", "cosine", "constant", "constant_with_warmup", "polynomial", "inverse_sqrt"
    ]
    """Course of the learning rate after the warm-up."""
    label_smoothing: Share
    """Share of the probability that is spread over the whole vocabulary."""
    max_grad_norm: NotNegative
    """Gradients are scaled down to this norm; 0: never."""
    precision: Literal["auto", "fp32", "bf16", "fp16"]
    """Number format; `auto` takes bf16 or fp16 where a GPU is fast at it, else fp32; on a CPU bf16
    rounds what is multiplied alone, where that is faster (AMX)."""
    patience: CountOrOff
    """Epochs without a better dev score after which training ends; 0: never."""
    eval_rows: Count
    """Dev dialogues that are decoded after each epoch to choose the best one."""
    processes: Count
    """Processes that share each batch, on a GPU each or on the CPU; they train what one does."""

    @field_validator("processes")
    @classmethod
    def _share_the_batch(cls, processes: int, others: ValidationInfo) -> int:
        batch_size = others.data.get("batch_size", processes)  # missing where it is at fault
        if batch_size % processes:
            raise ValueError(f"should divide train.batch_size, {batch_size}")
        return processes


Engine = Literal["auto", "torch", "ctranslate2", "ctranslate2-int8"]


class Generate(Section):
    num_beams: Annotated[int, Field(ge=1, le=64)]
    """Beams; 1 is greedy decoding."""
    length_penalty: Annotated[float, Field(ge=-5, le=5)]
    """Above 0 favours longer summaries, below 0 shorter ones (beams only)."""
    no_repeat_ngram_size: CountOrOff
    """No run of this many tokens occurs twice in a summary; 0: no such rule."""
    max_new_tokens: Count
    """Longest summary, in tokens."""
    engine: Engine
    """What decodes: `auto` takes `ctranslate2` on a CPU if it gives the same text, else `torch`."""


class Rouge(Section):
    tokenizer: Literal["mecab", "english", "whitespace", "character"]
    """What a score counts: MeCab-ko morphemes as the competition does, English stems as
    `rouge_score` does with `use_stemmer`, words or characters."""
    variant: Literal["counts", "sets"]
    """`counts` every n-gram as `rouge_score` does, or `sets` of them as `rouge` 1.0.1 does."""
    references: Literal["average", "best"]
    """What several references make: the mean of their scores (the competition), or the best."""


class Range(Section):
    low: Annotated[float, Field(ge=-MOST, le=MOST)]
    """Smallest value."""
    high: Annotated[float, Field(ge=-MOST, le=MOST)]
    """Largest value."""
    log: bool = False
    """Search the logarithm: for values that matter by their ratio."""
    step: Positive | None = None
    """Distance of the values from `low` on."""


class Choices(Section):
    choices: Annotated[list[str | int | float | bool], Field(min_length=1, max_length=10_000)]
    """The values to choose from."""


def _kind_of_values(values: Any) -> str:
    """Tell which of the two is meant, so that a fault is told once and not for both."""
    named = isinstance(values, dict) and "choices" in values
    return "choices" if named or isinstance(values, Choices) else "range"


class Confirm(Section):
    top: CountOrOff
    """The best trials that are trained again over several seeds; 0: none."""
    seeds: Count
    """Seeds at most for each of them and the present params; two where the winner is clear then."""


class Tune(Section):
    trials: CountOrOff
    """Trainings that a search may spend; 0: `dvc repro` starts no search."""
    strategy: Literal["bayes", "gp", "random", "grid"]
    """How the next values are chosen: TPE, Gaussian process, by chance, or every combination."""
    space: dict[
        str,
        Annotated[
            Annotated[Range, Tag("range")] | Annotated[Choices, Tag("choices")],
            Discriminator(_kind_of_values),
        ],
    ]
    """What is searched: any `train.`, `model.`, `lora.` or `generate.` key."""
    seed: Seed
    """Seed of the strategy."""
    workers: Count
    """Trainings that run at the same time."""
    pruner: Literal["median", "hyperband", "none"]
    """What ends a hopeless training early."""
    patience: CountOrOff
    """Trials in a row without a better score after which a search ends; 0: never."""
    keep_models: Count
    """Trials, the best ones, whose weights stay in the cache."""
    confirm: Confirm


class Predict(Section):
    index: bool
    """Write the index column of the competition's sample file."""
    rules: list[
        Literal[
            "drop_special_tokens",
            "drop_control_characters",
            "drop_zero_width",
            "collapse_blanks",
            "join_josa",
            "cut_unfinished_sentence",
            "fill_empty",
        ]
    ]
    """Repairs of a summary, in their order (stages/submission/postprocess.py)."""
    models: list[str]
    """Experiments whose summaries are voted on, three or more, for of two the first always wins;
    none: the model in models/summarizer alone. A queued or `--temp` run finds no experiments."""


class Report(Section):
    language: Literal["auto", "ko", "en"]
    """Language in which report and demo open, Korean or English; `auto`: that of `data.language`;
    both have a switch."""


class Params(Section):
    """params.yaml, whole."""

    data: Data
    clean: Clean
    tokenize: Tokenize
    model: Model
    lora: Lora
    prompt: Prompt
    train: Train
    generate: Generate
    rouge: Rouge
    tune: Tune
    predict: Predict
    report: Report

    @property
    def report_language(self) -> Language:
        """The language in which report and demo open."""
        return self.data.language if self.report.language == "auto" else self.report.language

    @model_validator(mode="after")
    def _words_are_counted(self) -> Self:
        if self.rouge.tokenizer == "english" and self.data.language == "ko":
            raise ValueError(
                "rouge.tokenizer: english counts nothing of Korean; make it mecab, or "
                "data.language en"
            )
        return self

    @model_validator(mode="after")
    def _adapters_have_a_model(self) -> Self:
        if self.model.name == "scratch" and self.lora.rank:
            raise ValueError(
                "lora.rank should be 0 with model.name: scratch, which has no weights to adapt"
            )
        if self.model.name == "scratch" and self.model.revision:
            raise ValueError("model.revision should be empty with model.name: scratch")
        if self.model.quantize != "none" and not self.lora.rank:
            raise ValueError(
                "lora.rank should be above 0 with model.quantize: 4bit, whose weights stay as they "
                "are; 16 is a usual rank"
            )
        return self


TAGGED: Tagged = {("tune", "space"): 3, ("clean", "leak_threshold"): 2}
"""Values of two forms, and where pydantic says in a fault's place which of them it has tried."""


def load_params(path: Path = Path("params.yaml")) -> Params:
    """Read params.yaml and check all of it, or raise one `UserError` that lists every fault."""
    return check_params(read_yaml(path), where=str(path))


def check_params(content: object, *, where: str) -> Params:
    """Validate `content` as a whole params.yaml; `where` opens the message."""
    try:
        return Params.model_validate(content)
    except ValidationError as error:
        raise UserError(describe_faults(error, Params, where=where, tagged=TAGGED)) from None


def flatten(content: Mapping[str, Any], prefix: str = "") -> dict[str, Value]:
    """Return nested params with the names that `-S` takes.

    >>> flatten({"train": {"lr": 0.001}, "model.name": "scratch"})
    {'train.lr': 0.001, 'model.name': 'scratch'}
    """
    flat: dict[str, Value] = {}
    for key, value in content.items():
        if isinstance(value, Mapping):
            flat |= flatten(value, f"{prefix}{key}.")
        else:
            flat[f"{prefix}{key}"] = value
    return flat
