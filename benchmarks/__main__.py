"""Run the benchmarks one after the other, and keep what they find in metrics/benchmarks.json.

    python -m benchmarks                        all of them, but for those that take an hour
    python -m benchmarks train_speed start_up   these
    python -m benchmarks --quick                a try of each, which writes nothing

Each has a process of its own and the machine to itself. Results are merged into what
metrics/benchmarks.json has; then come a table, and one in Markdown for docs/benchmarks.md.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks.ratio import MEASURED, Ratio, markdown, print_table, read_ratios
from stages.command.entry import run
from stages.command.errors import UserError
from stages.command.files import write_json

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "metrics/benchmarks.json"
ALL = [
    path.stem
    for path in sorted(Path(__file__).parent.glob("*.py"))
    if "\ndef measure(" in path.read_text(encoding="utf-8")
]
AN_HOUR = ("search_methods", "train_score")


def measured(name: str, *, quick: bool) -> list[Ratio] | None:
    """Run one benchmark in a process of its own; None where it failed."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "ratios.json"
        command = [sys.executable, "-m", f"benchmarks.{name}", "--json", str(path)]
        done = subprocess.run(
            [*command, "--quick"] if quick else command,
            cwd=ROOT,
            env=os.environ | {"HF_HUB_OFFLINE": "1"},
            check=False,
        )
        return None if done.returncode else read_ratios(path)


def merge(path: Path, ratios: Sequence[Ratio]) -> None:
    """Put the ratios into the JSON file beside those of other benchmarks, sorted by name."""
    known = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    new = {one.name: {key: getattr(one, key) for key in MEASURED} for one in ratios}
    write_json(path, dict(sorted((known | new).items())))


def main() -> None:
    """Run what was asked for."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(ALL))
    parser.add_argument("--quick", action="store_true", help="small settings; writes nothing")
    arguments = parser.parse_args()
    unknown = [name for name in arguments.names if name not in ALL]
    if unknown:
        raise UserError(f"no benchmark {', '.join(unknown)}; there are: {', '.join(ALL)}")
    ratios: list[Ratio] = []
    failed = []
    for name in arguments.names or [name for name in ALL if name not in AN_HOUR]:
        print(f"{name} …", file=sys.stderr, flush=True)
        found = measured(name, quick=arguments.quick)
        if found is None:
            failed.append(name)
            continue
        if not arguments.quick:
            merge(RESULTS, found)  # at once: a later one may be interrupted
        ratios += found
    if ratios:
        print_table(ratios)
        print(markdown(ratios))
    if failed:
        raise UserError(f"failed, as it says above: {', '.join(failed)}")


if __name__ == "__main__":
    run(main)
