"""Damaged files: each is one sentence with the way out, or is made anew, or does not matter."""

import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import chdir, contextmanager
from functools import partial
from pathlib import Path

from faults.attempt import TRACEBACK, Attempt, Row, Try, promise
from faults.pipeline import STAGES, prepare, promise_the_same
from stages import evaluate, report
from stages.command.cost import read_seconds
from stages.command.errors import UserError
from stages.command.yaml_file import read_yaml
from stages.dialogue.records import read_records
from stages.params import load_params
from stages.paths import DEV
from stages.search.sampler import make_pruner
from stages.search.storage import Storage
from tests.damage import (
    CASES,
    Damage,
    check_sentence,
    damage_file,
    empty,
    flip,
    half,
    in_conflict,
    null,
)
from tests.repository import dvc, run, stage

KINDS = (half, empty, null, in_conflict)


@contextmanager
def copied(one: Attempt) -> Iterator[Path]:
    """Copy the repository, what DVC remembers included, and enter it; stages get no arguments."""
    repository = one.folder / "repository"
    shutil.copytree(one.base, repository, symlinks=True)
    arguments, sys.argv = sys.argv, ["a stage"]
    try:
        with chdir(repository):
            yield repository
    finally:
        sys.argv = arguments


def read(one: Attempt, name: str, damage: Damage) -> None:
    """Damage what a stage wrote; the next command says so in one sentence."""
    one.what = f"{name} {damage.__name__}"
    with copied(one):
        damage_file(Path(name), damage)
        check_sentence(name)


def flip_bits(one: Attempt, name: str) -> None:
    """Flip two bits of a Parquet file thirty times; each time it is refused, or can be read."""
    one.what, one.tried = f"{name} with two bits flipped", 30
    with copied(one) as repository:
        whole = (one.base / name).read_bytes()
        for _ in range(one.tried):
            (repository / name).write_bytes(flip(whole, one.chance))
            _sentence_or_nothing(_read_parquet, f"{name} cannot be read (")


def _read_parquet() -> None:
    read_records(DEV)
    report.token_column("dev", "truncated")


def make_anew(one: Attempt, name: str) -> None:
    """Damage one of a stage's outputs; `dvc repro` gives what was there."""
    kinds: list[Damage] = [*KINDS, partial(flip, chance=one.chance)]
    kind = one.chance.choice(kinds)
    outs = [Path(out["path"]) for out in read_yaml(one.base / "dvc.lock")["stages"][name]["outs"]]
    places = [one.base / out for out in outs]
    files = sorted(f for p in places for f in (p, *p.rglob("*")) if f.is_file())
    file = one.chance.choice(files).relative_to(one.base)
    one.what = f"{file} {getattr(kind, '__name__', 'with two bits flipped')}, then dvc repro"
    with copied(one) as repository:
        damage_file(file, kind)
        one.said.append(dvc(repository, "repro"))
        promise_the_same(repository, one.base)


def damage_params(one: Attempt, damage: Damage) -> None:
    """Damage params.yaml; a stage says so in a sentence."""
    one.what = f"params.yaml {damage.__name__}"
    with copied(one) as repository:
        damage_file(repository / "params.yaml", damage)
        one.said.append(said := stage(repository, "clean", fails=True))
        promise(said.startswith("error: params.yaml"), said)
        promise(len(said) < 1500, f"{len(said)} letters of it")


def damage_lock(one: Attempt, damage: Damage) -> None:
    """Damage dvc.lock; our commands say a sentence at most, and without it all comes back."""
    one.what = f"dvc.lock {damage.__name__}"
    with copied(one) as repository:
        damage_file(repository / "dvc.lock", damage)
        command = [sys.executable, "-m", "stages.compare"]
        try:
            said = run(repository, *command)
        except AssertionError as error:
            said = str(error)
        promise(TRACEBACK not in said, said)
        (repository / "dvc.lock").unlink()
        one.said.append(dvc(repository, "repro"))
        promise_the_same(repository, one.base)


def damage_rwlock(one: Attempt, damage: Damage) -> None:
    """Damage DVC's own lock; what `make repro` does first mends it."""
    one.what = f".dvc/tmp/rwlock {damage.__name__}"
    with copied(one) as repository:
        damage_file(repository / ".dvc/tmp/rwlock", damage)
        stage(repository, "command.dvc_lock")
        one.said.append(dvc(repository, "repro"))
        promise_the_same(repository, one.base)


def damage_study(one: Attempt, damage: Damage) -> None:
    """Damage a study's file; it is refused in a sentence or opened, never begun anew in silence."""
    one.what = f"data/studies/study.db {getattr(damage, '__name__', 'with two bits flipped')}"
    with copied(one) as repository:
        tune = load_params().tune
        pruner = make_pruner(tune, tune.space, epochs=3)
        for number in range(3):
            study = Storage("study").open(pruner)
            study.tell(study.ask(), float(number))
        file = repository / "data/studies/study.db"
        damage_file(file, damage)

        def open_again() -> None:
            promise(len(Storage("study").open(pruner).trials) == 3, "trials are gone")

        _sentence_or_nothing(open_again, "the study data/studies/study.db cannot be opened: ")


def damage_memory(one: Attempt, name: str, damage: Damage) -> None:
    """Damage what is only remembered, which is no reason to fail."""
    one.what = f"{name} {damage.__name__}"
    with copied(one):
        damage_file(Path(name), damage)
        read_seconds()
        evaluate.main()


def _sentence_or_nothing(act: Callable[[], object], beginning: str) -> None:
    try:
        act()
    except UserError as error:
        promise(str(error).startswith(beginning), str(error))


def _each(*, quick: bool) -> list[Try]:
    flipped = ["data/clean/dev.parquet", "data/tokens/dev.parquet"]
    remembered = [".dvc/tmp/engines.json", ".dvc/cache/seconds.csv"]
    kinds = KINDS[:1] if quick else KINDS
    return [
        *(partial(read, name=name, damage=damage) for name, damage in CASES[:: 9 if quick else 1]),
        *(partial(flip_bits, name=name) for name in flipped),
        *(partial(damage_params, damage=damage) for damage in kinds),
        *(partial(damage_lock, damage=damage) for damage in (in_conflict,) if not quick),
        *(partial(damage_lock, damage=damage) for damage in kinds if damage is not in_conflict),
        *(partial(damage_rwlock, damage=damage) for damage in kinds),
        *(partial(damage_study, damage=damage) for damage in kinds),
        *(partial(damage_memory, name=n, damage=d) for n in remembered for d in kinds),
        *(partial(make_anew, name=name) for name in STAGES[:: 3 if quick else 1]),
    ]


ROWS = {
    "damage": Row(
        "damaged files: cut off, empty, `null`, in conflict, bits flipped",
        prepare,
        lambda quick: _each(quick=quick),
    )
}
