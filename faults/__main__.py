"""Try every fault, and put what came of it into the table of docs/faults.md.

    python -m faults                       all rows, half an hour on two idle cores
    python -m faults stage queue           these rows
    python -m faults --quick               a few faults of each row, 3 minutes; writes nothing
    python -m faults stage --only 5        one fault, at its moment; writes nothing

Fails where something was lost, and says how to repeat it. Two rows run at a time, each in a process
of its own.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from functools import partial
from importlib import import_module
from pathlib import Path

from faults.attempt import Outcome, Row, try_row
from faults.pipeline import prepare
from faults.table import HEAD, line, versions, write
from stages.command.entry import run
from stages.command.errors import UserError
from tests.repository import ROOT, environment

AT_A_TIME = 2
MODULES = {
    "stage": "kills",
    "dvc": "kills",
    "search": "searches",
    "promote": "promotions",
    "queue": "queues",
    "runs": "queues",
    "disk": "disks",
    "damage": "damage",
    "sqlite": "studies",
    "postgresql": "studies",
    "long": "long_search",
}
"""Row → the module of faults/ that has it."""
PIPELINE = ("stage", "dvc", "disk", "damage")
"""These begin with the same repository."""


def read_row(name: str) -> Row:
    """Return a row; its module is loaded where it is tried, for some load torch."""
    rows: Mapping[str, Row] = import_module(f"faults.{MODULES[name]}").ROWS
    return rows[name]


def try_here(name: str, folder: Path, arguments: argparse.Namespace) -> list[Outcome]:
    """Try a row in this process, and tell of each attempt."""
    row, found = read_row(name), []
    base = folder / "pipeline" if name in PIPELINE else row.prepare(folder / name / "base")
    how = {"seed": arguments.seed, "only": arguments.only}
    for outcome in try_row(name, row, base, folder / name, quick=arguments.quick, **how):
        print(f"{name:<10} {outcome.line}", file=sys.stderr, flush=True)
        found.append(outcome)
    return found


def try_there(name: str, folder: Path, arguments: argparse.Namespace) -> list[Outcome]:
    """Try a row in a process of its own, and write its line."""
    place = folder / name
    place.mkdir()
    command = [sys.executable, "-m", "faults", name, "--seed", str(arguments.seed)]
    command += ["--within", str(folder)] + ["--quick"] * arguments.quick
    command += [] if arguments.only is None else ["--only", str(arguments.only)]
    done = subprocess.run(command, cwd=ROOT, env=environment(ROOT), check=False)
    if done.returncode:
        raise UserError(f"the row {name} came to no end, as it says above")
    text = (place / "outcomes.json").read_text(encoding="utf-8")
    found = [Outcome(**one) for one in json.loads(text)]
    if not arguments.quick and arguments.only is None:
        write(line(name, read_row(name).title, found, arguments.seed), list(MODULES))
    return found


def repeat(name: str, outcome: Outcome, arguments: argparse.Namespace) -> str:
    """Return the command that does one attempt again, and what it is."""
    quick = " --quick" * arguments.quick
    command = f"python -m faults {name} --seed {arguments.seed} --only {outcome.number}{quick}"
    return f"{command}   # {outcome.what}: {outcome.lost[-600:]}"


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m faults",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("rows", nargs="*", metavar="ROW", help=", ".join(MODULES))
    parser.add_argument("--quick", action="store_true", help="a few of each row; writes nothing")
    parser.add_argument("--seed", type=int, default=0, help="of the moments; 0 where none is given")
    parser.add_argument("--only", type=int, metavar="N", help="the fault of this number alone")
    parser.add_argument("--within", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    unknown = [name for name in arguments.rows if name not in MODULES]
    if unknown:
        raise UserError(f"no row {', '.join(unknown)}; there are: {', '.join(MODULES)}")
    return arguments


def try_all(arguments: argparse.Namespace) -> None:
    """Try the rows that were asked for, and fail where something was lost."""
    rows = arguments.rows or list(MODULES)
    with tempfile.TemporaryDirectory(prefix="faults-") as name:
        folder = Path(name)
        if set(rows) & set(PIPELINE):
            prepare(folder / "pipeline")
        with ThreadPoolExecutor(AT_A_TIME) as pool:
            outcomes = pool.map(partial(try_there, folder=folder, arguments=arguments), rows)
            found = dict(zip(rows, outcomes, strict=True))
    lines = [line(name, read_row(name).title, some, arguments.seed) for name, some in found.items()]
    print("\n".join((*HEAD, *lines, "", versions())))
    broken = [
        repeat(name, one, arguments) for name, some in found.items() for one in some if one.lost
    ]
    if broken:
        raise UserError("not everything was kept; to repeat it:\n" + "\n".join(broken))


def main() -> None:
    """Try what was asked for."""
    arguments = _parse()
    if not arguments.within:
        # No hub; and threads that wait asleep do not fight with the other row for the cores.
        os.environ |= {"HF_HUB_OFFLINE": "1", "OMP_WAIT_POLICY": "passive"}
        try_all(arguments)
        return
    [name] = arguments.rows
    tried = [asdict(one) for one in try_here(name, arguments.within, arguments)]
    place = arguments.within / name / "outcomes.json"
    place.write_text(json.dumps(tried), encoding="utf-8")


if __name__ == "__main__":
    run(main)
