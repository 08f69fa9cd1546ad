"""A copy of this repository, shrunk: a training takes a second or two; DVC and Git are real."""

import csv
import random
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path

from stages.params import Value, load_params
from stages.params_file import set_values
from tests.repository import ROOT, commit, dvc, environment, start_git

SMALL: dict[str, Value] = {
    "data.dir": "data/raw",
    "tokenize.vocab_size": 400,
    "tokenize.max_source_tokens": 128,
    "tokenize.max_target_tokens": 32,
    "model.layers": 1,
    "model.d_model": 32,
    "model.init_std": 0.02,
    "train.lr": 1e-6,
    "train.batch_size": 4,
    "train.epochs": 8,
    "train.label_smoothing": 0.0,
    "train.patience": 0,
    "train.eval_rows": 8,
    "generate.num_beams": 1,
    "generate.max_new_tokens": 24,
    "tune.confirm.top": 1,
    "tune.confirm.seeds": 2,
}
"""With this learning rate the model learns nothing; with 0.01 it learns much."""

WHO = ("의사", "학생", "선생님", "손님", "점원")
WHAT = ("약", "책", "가방", "빵", "표", "우산")
WHEN = ("월요일", "화요일", "수요일", "내일", "오늘")


def make_repository(folder: Path) -> Path:
    """Make a repository in `folder`, its tokens made and committed."""
    shutil.copytree(
        ROOT / "stages", folder / "stages", ignore=shutil.ignore_patterns("__pycache__")
    )
    (folder / "metrics").mkdir()
    for name in ("dvc.yaml", ".dvcignore", ".gitignore", "metrics/compare.json"):
        shutil.copy(ROOT / name, folder / name)
    (folder / ".dvc").mkdir()
    for name in ("config", ".gitignore"):
        shutil.copy(ROOT / ".dvc" / name, folder / ".dvc" / name)
    text = set_values((ROOT / "params.yaml").read_text(encoding="utf-8"), SMALL)
    (folder / "params.yaml").write_text(text, encoding="utf-8")
    change_space(folder, "train.lr: {low: 8.0e-3, high: 3.0e-2, log: true}  # searched")
    write_dialogues(folder / "data/raw")
    start_git(folder)
    dvc(folder, "add", "--quiet", "data/raw")
    dvc(folder, "repro", "--quiet", "clean", "tokenize")
    commit(folder)
    return folder


def write_dialogues(folder: Path) -> None:
    """Write 30, 8 and 4 invented dialogues."""
    folder.mkdir(parents=True)
    chance = random.Random(0)
    for split, rows in (("train", 30), ("dev", 8), ("test", 4)):
        with (folder / f"{split}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["fname", "dialogue", "summary", "topic"])
            for row in range(rows):
                who, what, when = (chance.choice(words) for words in (WHO, WHAT, WHEN))
                dialogue = (
                    f"#Person1#: {who}이신가요?\n#Person2#: 네, {when}에 {what} 때문에 왔어요.\n"
                    f"#Person1#: {when}에 다시 오세요."
                )
                summary = f"#Person2#는 {who}이고 {when}에 {what} 때문에 왔습니다."
                writer.writerow([f"{split}_{row}", dialogue, summary, "일상"])


def change(folder: Path, values: Mapping[str, Value]) -> None:
    """Put other values into params.yaml."""
    path = folder / "params.yaml"
    path.write_text(set_values(path.read_text(encoding="utf-8"), values), encoding="utf-8")


def change_space(folder: Path, *lines: str) -> None:
    """Put other keys into tune.space."""
    path = folder / "params.yaml"
    text = path.read_text(encoding="utf-8")
    head, space, rest = text.partition("  space:\n")
    kept = rest[rest.index("  seed:") :]
    body = "".join(f"    {line}\n" for line in lines)
    path.write_text(head + space + body + kept, encoding="utf-8")


@contextmanager
def started(
    folder: Path, *command: str, log: Path | None = None
) -> Iterator[subprocess.Popen[str]]:
    """Start a command of Python in a session of its own, as a terminal does.

    What it says is in `log`, or in the folder's output.txt.
    """
    with (log or folder / "output.txt").open("a", encoding="utf-8") as output:
        process = subprocess.Popen(
            [sys.executable, *command],
            cwd=folder,
            env=environment(folder),
            stdout=output,
            stderr=output,
            text=True,
            start_new_session=True,
        )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def lr(folder: Path) -> float:
    """Return the learning rate that params.yaml has."""
    return load_params(folder / "params.yaml").train.lr


def trials(repository: Path) -> list[dict[str, str]]:
    """Return the rows of trials.csv."""
    with (repository / "metrics/tune/trials.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def wait_for(condition: Callable[[], object], *, seconds: float = 90) -> None:
    """Wait until something holds; fail where it does not in time."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.1)


def worker_ids(repository: Path) -> list[int]:
    """Return the processes that run in a worker's clone."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            place = str((process / "cwd").readlink())
            command = (process / "cmdline").read_bytes()
        except OSError:
            continue
        if place.startswith(f"{repository}/.dvc/tmp/tune") and b"stages.workers.worker" in command:
            found.append(int(process.name))
    return found


def epochs_seen(repository: Path, state: str) -> list[int]:
    """Return how many epochs the study knows of each trial in this state, but for those of none."""
    found = list((repository / "data/studies").glob("*.db"))
    if not found:
        return []
    query = (
        "select count(*) from trial_intermediate_values v join trials t using (trial_id) "
        "where t.state = ? group by trial_id"
    )
    try:
        with closing(sqlite3.connect(f"file:{found[0]}?mode=ro", uri=True)) as connection:
            return [int(count) for (count,) in connection.execute(query, (state,))]
    except sqlite3.OperationalError:  # its tables are being made
        return []
