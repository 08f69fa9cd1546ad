"""Write data/sample/{train,dev,test}.csv, the same bytes each time."""

import csv
from pathlib import Path

from data.generator.play import Example
from data.generator.sample import draw_splits
from data.generator.scene import read_scenes

SAMPLE = Path("data/sample")


def main() -> None:
    for split, examples in draw_splits(read_scenes()).items():
        write_split(SAMPLE / f"{split}.csv", split, examples)
        print(f"{SAMPLE / split}.csv: {len(examples)} rows")


def write_split(path: Path, split: str, examples: list[Example]) -> None:
    """Write one file in the form of the competition's: `summary`, or `summary1` to `summary3`."""
    references = len(examples[0].summaries)
    names = ["summary"] if references == 1 else [f"summary{n + 1}" for n in range(references)]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["fname", "dialogue", *names, "topic"])
        writer.writerows(
            [f"{split}_{number}", example.dialogue, *example.summaries, example.topic]
            for number, example in enumerate(examples)
        )


if __name__ == "__main__":
    main()
