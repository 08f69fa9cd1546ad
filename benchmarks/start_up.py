"""How long a command takes that needs no torch and has next to nothing to do.

`clean` and `tokenize` (a scratch vocabulary) get two rows, `tune` has no trials, the others say
what they are for. What a command imports can be seen with `python -X importtime -m stages.clean`.
"""

import csv
import tempfile
from collections.abc import Callable
from pathlib import Path

from benchmarks.processes import python, write_params
from benchmarks.ratio import Ratio, medians, run

COMMANDS = {
    "clean": (),
    "tokenize": (),
    "tune": (),
    "promote": ("--help",),
    "compare": ("--help",),
    "validate": ("--help",),
    "leaderboard": ("--help",),
}
HEADER = ("fname", "dialogue", "summary", "topic")
ROWS = (
    ("0", "#Person1#: 내일 볼까요?\n#Person2#: 네, 세 시에 봬요.", "둘은 세 시에 본다.", "약속"),
    ("1", "#Person1#: 얼마예요?\n#Person2#: 만 원입니다.", "#Person1#은 값을 묻는다.", "쇼핑"),
)


def measure(*, rounds: int = 5) -> list[Ratio]:
    """Return how many seconds more than `python -c pass` each command takes."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _write_project(folder)

        def timed(*arguments: str) -> Callable[[], float]:
            return lambda: python(folder, *arguments).seconds

        sides = {"pass": timed("-c", "pass")} | {
            command: timed("-m", f"stages.{command}", *arguments)
            for command, arguments in COMMANDS.items()
        }
        medians(sides, rounds=1)  # bytecode, and the pages of the disk
        found = medians(sides, rounds=rounds)
    return [
        Ratio(
            f"start_up.{command}",
            round(found[command] - found["pass"], 2),
            1,
            "python -c pass",
            "seconds more",
            f"{found[command]:.2f} s",
            f"{found['pass']:.2f} s",
        )
        for command in COMMANDS
    ]


def _write_project(folder: Path) -> None:
    write_params(
        folder,
        {
            "data": {"dir": "data/raw"},
            "model": {"name": "scratch"},
            "tokenize": {"vocab_size": 300},
            "tune": {"trials": 0},
        },
    )
    (folder / "data/raw").mkdir(parents=True)
    for split in ("train", "dev"):
        with (folder / f"data/raw/{split}.csv").open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([HEADER, *ROWS])


if __name__ == "__main__":
    run(measure, quick={"rounds": 1})
