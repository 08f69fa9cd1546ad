"""Merge an adapter into its base model: an ordinary folder in bf16, for vLLM, llama.cpp and others.

Reads models/summarizer, which LoRA trained, and the base model that it names. Writes the folder
models/merged, or another: weights in bf16, tokenizer, prompt and model card. Then scores both on
dev, decoded alike, for bf16 is less exact; the scores stand in the new folder's README.md.
"""

import shutil
from pathlib import Path

from stages.command.arguments import command_parser
from stages.command.entry import run
from stages.command.errors import UserError
from stages.command.files import existing, read_parquet, whole_folder
from stages.command.progress import progress_bar, say
from stages.dialogue.records import read_records
from stages.model.weights import ADAPTER, WHOLE, existing_model
from stages.params import Params, load_params
from stages.paths import DEV, MERGED, SUMMARIZER, TOKENS
from stages.rouge.rouge import Scorer, rouge_mean


def write_merged(out: Path) -> None:
    """Write the merged model to `out`; raises `UserError` where there is nothing to merge."""
    import torch

    from stages.model.adapter import read_adapted
    from stages.model.device import memory_for
    from stages.model.kind import auto_class

    with memory_for("both models", remedy="free some of it, or merge on a larger machine"):
        # In fp32, so that the sum of both is rounded once.
        model = read_adapted(auto_class(SUMMARIZER), SUMMARIZER, dtype=torch.float32, whole=True)
        model = model.to(torch.bfloat16)
    model.config.dtype = torch.bfloat16
    with whole_folder(out) as folder:
        model.save_pretrained(folder, safe_serialization=True)
        for file in SUMMARIZER.iterdir():
            is_extra = file.is_file() and not file.name.startswith("adapter_")
            if is_extra and not (folder / file.name).exists():
                shutil.copyfile(file, folder / file.name)


def score_on_dev(folder: Path, params: Params) -> float:
    """Return dev `rouge_mean` of the model in `folder`, decoded with the section `generate`."""
    from stages.model.engine import read_summarizer
    from stages.model.tokenizer import decode, read_tokenizer

    records = read_records(existing(DEV, made_by="dvc repro clean"))
    tokens = read_parquet(TOKENS / "dev.parquet", ["input_ids"], made_by="dvc repro tokenize")
    sources = tokens["input_ids"].to_pylist()
    with progress_bar() as progress:
        task = progress.add_task(f"decode dev with {folder}", total=len(sources), note="")
        ids = read_summarizer(folder, params.generate.engine).generate(
            sources, params.generate, on_batch=lambda n: progress.advance(task, n)
        )
    scorer = Scorer(params.rouge.tokenizer, params.rouge.variant, params.rouge.references)
    references = [record.summaries for record in records]
    return rouge_mean(scorer.per_dialogue(decode(read_tokenizer(folder), ids), references))


def main() -> None:
    """Run the command."""
    parser = command_parser("merge", __doc__)
    parser.add_argument("--out", type=Path, default=MERGED, help=f"folder to write, {MERGED}")
    parser.add_argument("--force", action="store_true", help="write over a folder that is there")
    arguments = parser.parse_args()
    params = load_params()
    if existing_model(SUMMARIZER).name != ADAPTER:
        raise UserError(
            f"{SUMMARIZER} is no adapter: {WHOLE} in it is the whole model, which needs no merging"
        )
    check_out(arguments.out, force=arguments.force)
    existing(DEV, made_by="dvc repro clean")
    write_merged(arguments.out)
    adapter, merged = (score_on_dev(folder, params) for folder in (SUMMARIZER, arguments.out))
    note = (
        f"dev rouge_mean {merged:.2f}; the adapter beside its base scores {adapter:.2f} "
        f"({merged - adapter:+.2f})"
    )
    with (arguments.out / "README.md").open("a", encoding="utf-8") as card:
        card.write(f"\nMerged into its base model in bf16: {note}.\n")
    say(f"merge: {arguments.out} has one model in bf16, {note}")


def check_out(out: Path, *, force: bool) -> None:
    """Raise `UserError` for a folder that is there already."""
    if out.resolve() == SUMMARIZER.resolve():
        raise UserError(f"--out: {out} is the adapter itself; name another folder")
    if out.exists() and not force:
        raise UserError(f"--out: {out} is there already; name another folder, or add --force")


if __name__ == "__main__":
    run(main)
