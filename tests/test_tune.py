"""The search with the real DVC, Git and torch, on a small copy of this repository."""

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from stages.experiments.lock_file import parse_lock
from stages.params import load_params
from tests.dvc_queue import run_queue
from tests.full_disk import cannot_mount, in_namespace
from tests.repository import commit, dvc, git, stage
from tests.tiny_repository import (
    ROOT,
    change,
    change_space,
    epochs_seen,
    lr,
    make_repository,
    started,
    trials,
    wait_for,
    worker_ids,
)


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the repository that the tests copy."""
    return make_repository(tmp_path_factory.mktemp("made"))


@pytest.fixture
def repository(made: Path, tmp_path: Path) -> Path:
    """Return a repository of the test's own."""
    shutil.copytree(made, tmp_path, symlinks=True, dirs_exist_ok=True)
    return tmp_path


def best(repository: Path) -> dict[str, object]:
    content = (repository / "metrics/tune/best.yaml").read_text(encoding="utf-8")
    found: dict[str, object] = yaml.safe_load(content)
    return found


def experiments(repository: Path) -> dict[str, float]:
    """Return name → rouge_mean, as `dvc exp show` has it."""
    shown = json.loads(dvc(repository, "exp", "show", "--json"))
    runs = [run["revs"][0] for run in shown[1]["experiments"] or []]
    return {
        run["name"]: run["data"]["metrics"]["metrics/evaluate.json"]["data"]["rouge_mean"]
        for run in runs
        if run["data"]["metrics"]["metrics/evaluate.json"].get("data")
    }


def outputs(repository: Path, rev: str) -> dict[str, str]:
    """Return what `train` and `evaluate` put out, with the hashes that the revision has."""
    shown = git(repository, "show", f"{rev}:dvc.lock")
    return both(shown)


def both(lock: str) -> dict[str, str]:
    outs = parse_lock(lock.encode()).outs
    return {**outs["train"], **outs["evaluate"]}


def weights(repository: Path, rev: str) -> Path:
    """Return where DVC's cache has, or had, the weights of an experiment."""
    cache = repository / ".dvc/cache/files/md5"
    folder = outputs(repository, rev)["models/summarizer"]
    listing = json.loads((cache / folder[:2] / folder[2:]).read_text(encoding="utf-8"))
    md5 = next(one["md5"] for one in listing if one["relpath"] == "model.safetensors")
    return cache / md5[:2] / md5[2:]


def test_without_trials_nothing_is_searched(repository: Path) -> None:
    said = stage(repository, "tune")
    assert "dvc exp run -S tune.trials=12 tune" in said
    written = sorted(path.name for path in (repository / "metrics/tune").iterdir())
    assert written == ["trials.csv", "tune.json"]
    assert trials(repository) == []
    assert "no search has found anything yet" in stage(repository, "promote", fails=True)


def test_no_search_in_the_queue(repository: Path) -> None:
    said = dvc(repository, "exp", "run", "--temp", "-S", "tune.trials=2", "tune", fails=True)
    assert "error: a queued or --temp run cannot hand experiments over and searches nothing" in said
    assert "start a search with: dvc exp run -S tune.trials=12 tune" in said
    # A run that was not asked to search keeps its score.
    change(repository, {"tune.trials": 2})
    commit(repository)
    said = dvc(repository, "exp", "run", "--temp", "-S", "train.seed=2", "tune")
    assert "a queued or --temp run cannot hand experiments over and searches nothing" in said


def test_a_faulty_space_is_refused_before_anything_runs(repository: Path) -> None:
    change(repository, {"tune.trials": 2})
    change_space(repository, "train.lr: {low: 1.0e-3, high: 1.0e-4}")
    said = stage(repository, "tune", fails=True)
    assert "tune.space.train.lr: the range is empty" in said
    assert not (repository / "data/studies").exists()


def test_the_loop_from_grid_to_promotion(repository: Path) -> None:
    dvc(repository, "exp", "run", "--queue", "--name", "grid", "-S", "train.lr=2e-2")
    run_queue(repository)
    change(repository, {"tune.trials": 3, "tune.keep_models": 1})
    said = dvc(repository, "repro", "tune")

    metrics = json.loads((repository / "metrics/tune/tune.json").read_text(encoding="utf-8"))
    rows = trials(repository)
    assert [row["source"] for row in rows] == ["experiment grid", "search", "search", "search"]
    study = rows[0]["trial"].rpartition("-")[0]
    assert "needs about" in said
    assert f"study {study}: 1 experiments told, 0 trials run before, 3 to run" in said
    shown = experiments(repository)
    for row in rows:
        if row["state"] == "COMPLETE":
            assert shown[row["experiment"]] == float(row["score"])
            assert len(row["epochs"].split()) == 8
            assert row["examples"] == "240"
    own = [row for row in rows[1:] if row["state"] == "COMPLETE"]
    assert own

    # The present params lie outside the space: they are what the winner is compared with.
    found = best(repository)
    assert found["better"] is True
    assert found["seeds"] == [42, 43]
    assert found["present"] == {
        "score": 0.0,
        "scores": [0.0, 0.0],
        "values": {"train.lr": 1e-6},
    }
    assert str(found["verdict"]).startswith("better than the noise: +")
    assert len([name for name in shown if name.endswith("-s43")]) == 2
    pictures = {"history.svg", "importance.svg", "slices.svg", "parallel.svg"}
    tables = {"trials.csv", "tune.json", "best.yaml"}
    written = {path.name for path in (repository / "metrics/tune").iterdir()}
    assert written == pictures | tables
    assert metrics["trials"] == 3
    assert metrics["importance"] in ({}, {"train.lr": 1.0})

    # Promotion, and the winner's model from the run cache.
    before = (repository / "params.yaml").read_text(encoding="utf-8")
    commit(repository)
    assert "train.lr" in stage(repository, "promote", "--dry-run")
    assert (repository / "params.yaml").read_text(encoding="utf-8") == before
    stage(repository, "promote")
    after = (repository / "params.yaml").read_text(encoding="utf-8")
    changed = [
        (old, new)
        for old, new in zip(before.splitlines(), after.splitlines(), strict=True)
        if old != new
    ]
    assert [old.split(":")[0] for old, _ in changed] == ["  lr"]
    assert lr(repository) == found["values"]["train.lr"]  # type: ignore[index]
    said = dvc(repository, "repro", "train", "evaluate", "tune")
    assert "'train' is cached - skipping run" in said
    assert "'evaluate' is cached - skipping run" in said
    assert "'tune' didn't change, skipping" in said

    # Of the trials' weights the best ones are kept, here one; and the winner's in any case.
    refs = git(repository, "for-each-ref", "--format=%(refname)", "refs/exps").split()
    kept = {ref.rpartition("/")[2] for ref in refs if weights(repository, ref).exists()}
    assert found["experiment"] in kept
    assert len([row for row in own if row["experiment"] in kept]) == 1
    assert not [name for name in kept if name.endswith("-s43")]


def test_a_trial_is_what_dvc_repro_gives(repository: Path) -> None:
    change(repository, {"train.lr": 1e-2, "tune.trials": 2, "tune.confirm.top": 0})
    dvc(repository, "repro", "tune")
    first, second = trials(repository)
    assert first["source"] == "present params"
    assert second["state"] == "COMPLETE"  # trained by the process that decoded the first
    change(repository, {"train.lr": float(second["train.lr"])})
    dvc(repository, "repro", "--no-run-cache", "evaluate")
    metrics = json.loads((repository / "metrics/evaluate.json").read_text(encoding="utf-8"))
    assert metrics["rouge_mean"] == float(second["score"])
    refs = git(repository, "for-each-ref", "--format=%(refname)", "refs/exps").split()
    saved = next(ref for ref in refs if ref.endswith(f"/{second['experiment']}"))
    here = (repository / "dvc.lock").read_text(encoding="utf-8")
    assert outputs(repository, saved) == both(here)  # every file, to the last byte


def test_decoding_is_searched_without_training(repository: Path) -> None:
    change(repository, {"train.lr": 1e-2})
    dvc(repository, "repro", "evaluate")
    change_space(repository, "generate.num_beams: {choices: [1, 2, 4]}")
    change(repository, {"tune.trials": 12, "tune.workers": 2, "tune.confirm.top": 0})
    dvc(repository, "repro", "tune")
    rows = trials(repository)
    assert [row["source"] for row in rows] == ["present params", "search", "search"]
    assert {row["generate.num_beams"] for row in rows} == {"1", "2", "4"}
    assert [(row["seconds"], row["examples"]) for row in rows[1:]] == [("0.0", "0")] * 2
    models = {
        outputs(repository, ref)["models/summarizer"]
        for ref in git(repository, "for-each-ref", "--format=%(refname)", "refs/exps").split()
    }
    assert models == {both((repository / "dvc.lock").read_text("utf-8"))["models/summarizer"]}


def test_three_failures_of_one_kind_stop_the_search(repository: Path) -> None:
    change(repository, {"tune.trials": 9, "tune.strategy": "random"})
    change_space(repository, "train.lr: {low: 1.0e+5, high: 1.0e+6}")
    said = dvc(repository, "repro", "tune", fails=True)
    assert "3 trials in a row failed for the same reason: the loss became nan" in said
    rows = trials(repository)
    assert [row["state"] for row in rows] == ["FAIL"] * 3
    assert all("the loss became nan" in row["reason"] for row in rows)
    assert experiments(repository) == {}


def test_a_search_in_which_everything_scores_0_ends_well_and_says_so(repository: Path) -> None:
    change(repository, {"tune.trials": 4, "tune.strategy": "random"})
    change_space(repository, "train.lr: {low: 1.0e-9, high: 1.0e-8}")
    said = dvc(repository, "repro", "tune")
    rows = trials(repository)
    assert [(row["state"], row["score"]) for row in rows] == [("COMPLETE", "0.0")] * 4
    warning = "every one of the 8 predictions is empty: train it longer"
    assert all(row["reason"].startswith(warning) for row in rows)
    assert said.count(f"; {warning}") == 7  # and the present params, and two with another seed
    assert set(experiments(repository).values()) == {0.0}
    found = best(repository)
    assert found["verdict"] == "nothing that was tried scores above 0, over 2 seeds each"
    assert (found["scores"], found["better"]) == ([0.0, 0.0], False)
    assert "tune: present params wins with 0.00: nothing that was tried scores above 0" in said


def test_a_candidate_that_fails_with_one_seed_is_out_and_the_others_go_on(
    repository: Path,
) -> None:
    change(repository, {"train.lr": 1e-2, "train.seed": 2**32 - 1, "tune.trials": 2})
    change(repository, {"tune.strategy": "grid", "tune.confirm.top": 2})
    change_space(repository, "train.lr: {choices: [1.0e-2, 2.0e-2]}")
    log = repository / "output.txt"
    with started(repository, "-m", "stages.tune") as search:
        wait_for(lambda: "-present-s0: " in log.read_text("utf-8"))
        (worker,) = worker_ids(repository)  # with the last job, the other candidate's
        os.kill(worker, signal.SIGKILL)
        wait_for(lambda: "a worker died (exit -9); it is run again" in log.read_text("utf-8"))
        training = repository / ".dvc/tmp/tune/worker-0.log"
        wait_for(lambda: "train: needs about" in training.read_text("utf-8"))
        (worker,) = worker_ids(repository)
        os.kill(worker, signal.SIGKILL)
        assert search.wait(timeout=120) == 0
    said = log.read_text(encoding="utf-8")
    name = next(row["trial"] for row in trials(repository) if row["source"] == "search")
    assert f"trial {name}: out, for it gives no score with every seed: 2 workers died" in said
    assert "tune: present params wins with" in said
    assert best(repository)["seeds"] == [2**32 - 1, 0]  # after the last seed comes 0


def test_an_interrupted_and_a_killed_search_go_on(repository: Path) -> None:
    change(repository, {"train.lr": 1e-2, "train.epochs": 20.0, "tune.trials": 2})
    change(repository, {"tune.confirm.top": 0, "tune.pruner": "none"})
    log = repository / "output.txt"
    with started(repository, "-m", "dvc", "repro", "tune") as process:
        wait_for(lambda: sum(epochs_seen(repository, "RUNNING")) >= 3)
        (worker,) = worker_ids(repository)
        os.kill(worker, signal.SIGKILL)
        wait_for(lambda: "a worker died (exit -9); it is run again" in log.read_text("utf-8"))
        wait_for(lambda: sum(epochs_seen(repository, "COMPLETE")) == 20)
        wait_for(lambda: sum(epochs_seen(repository, "RUNNING")) >= 3)
        os.killpg(process.pid, signal.SIGINT)  # Ctrl-C
        assert process.wait(timeout=30) != 0
        wait_for(lambda: not worker_ids(repository), seconds=10)
    assert not list((repository / ".dvc/tmp/tune").glob("worker-?"))  # no clone is left
    assert "tune: interrupted; run this again and it goes on" in log.read_text("utf-8")
    assert "Traceback" not in log.read_text("utf-8")
    done = experiments(repository)
    assert len(done) == 1

    change(repository, {"tune.trials": 3, "tune.workers": 2})  # goes on with the same study
    with started(repository, "-m", "dvc", "repro", "tune") as process:
        wait_for(
            lambda: "1 trials run before, 1 taken up again, 2 to run" in log.read_text("utf-8")
        )
        wait_for(lambda: len(epochs_seen(repository, "RUNNING")) == 2)  # both at the same time
        places = {Path(f"/proc/{worker}/cwd").readlink() for worker in worker_ids(repository)}
        os.killpg(process.pid, signal.SIGKILL)
        wait_for(lambda: not worker_ids(repository), seconds=10)
    clones = repository / ".dvc/tmp/tune"
    assert places == {clones / "worker-0", clones / "worker-1"}

    assert "1 trials run before, 2 taken up again, 2 to run" in dvc(repository, "repro", "tune")
    rows = trials(repository)
    assert [row["state"] for row in rows] == ["COMPLETE"] * 3
    assert rows[0]["source"] == "present params"
    assert all(len(row["epochs"].split()) == 20 for row in rows)
    assert len({row["train.lr"] for row in rows}) == 3
    assert rows[0]["trial"] in done
    assert sum(f"{rows[0]['trial']}: " in line for line in log.read_text("utf-8").splitlines()) == 2
    assert experiments(repository)[rows[0]["trial"]] == done[rows[0]["trial"]]


def test_a_search_goes_on_after_a_full_disk(made: Path, tmp_path: Path) -> None:
    why = cannot_mount(tmp_path)
    if why:
        pytest.skip(f"a small disk cannot be mounted here: {why}")
    command = [*in_namespace(), sys.executable, "-m", "tests.full_disk", made, tmp_path]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stdout + ended.stderr


def test_a_search_trains_in_several_processes(repository: Path) -> None:
    values = {"tune.trials": 1, "tune.confirm.top": 0, "train.processes": 2, "train.epochs": 2}
    change(repository, values)
    dvc(repository, "repro", "tune")
    [row] = trials(repository)
    assert row["state"] == "COMPLETE"
    assert len(row["epochs"].split()) == 2


def test_the_tables_of_a_search_outlive_dvc_exp_apply_and_a_run_without_trials(
    repository: Path,
) -> None:
    change(repository, {"train.lr": 1e-2, "tune.confirm.top": 0, "train.epochs": 3.0})
    dvc(repository, "repro")  # without trials
    commit(repository)
    dvc(repository, "exp", "run", "-S", "tune.trials=2", "tune")
    found = {path.name: path.read_bytes() for path in (repository / "metrics/tune").glob("*.*")}
    rows = trials(repository)
    assert [row["source"] for row in rows] == ["present params", "search", "search"]
    dvc(repository, "exp", "apply", rows[1]["experiment"])
    assert lr(repository) == float(rows[1]["train.lr"])
    said = dvc(repository, "repro", "evaluate", "tune")
    assert "Running stage 'train'" not in said
    assert "nothing is searched, and metrics/tune has what the last search found" in said
    there = {path.name: path.read_bytes() for path in (repository / "metrics/tune").glob("*.*")}
    assert there == found
    change_space(repository, "train.lr: {low: 8.0e-3, high: 4.0e-2, log: true}")
    assert "metrics/tune has what the last search found" in dvc(repository, "repro", "tune")
    assert trials(repository) == rows


def test_after_ctrl_c_the_message_says_that_what_s_gave_stands_in_params_yaml(
    repository: Path,
) -> None:
    change(repository, {"train.lr": 1e-2, "train.epochs": 30.0, "tune.pruner": "none"})
    log = repository / "output.txt"
    command = ("-m", "dvc", "exp", "run", "-S", "tune.trials=2", "-S", "train.seed=7", "tune")
    with started(repository, *command) as process:
        wait_for(lambda: sum(epochs_seen(repository, "RUNNING")) >= 1)
        os.killpg(process.pid, signal.SIGINT)  # Ctrl-C
        assert process.wait(timeout=60) != 0
    said = log.read_text(encoding="utf-8")
    assert "finished trials are kept, and what -S gave stands in params.yaml" in said
    assert "Traceback" not in said
    params = load_params(repository / "params.yaml")
    assert (params.tune.trials, params.train.seed) == (2, 7)


def test_params_that_change_under_a_search_change_nothing_in_it(repository: Path) -> None:
    change(repository, {"tune.trials": 2, "tune.confirm.top": 0, "train.epochs": 3})
    before = (repository / "params.yaml").read_text(encoding="utf-8")
    with started(repository, "-m", "stages.tune") as search:
        wait_for(lambda: worker_ids(repository))
        change(repository, {"train.epochs": 2, "train.seed": 1})  # what `dvc exp apply` does
        assert search.wait(timeout=300) == 1
    said = (repository / "output.txt").read_text(encoding="utf-8")
    assert "params.yaml was changed while the search ran" in said
    names = [row["experiment"] for row in trials(repository)]
    assert len(names) == 2
    for name in names:
        pattern = f"refs/exps/*/*/{name}"
        rev = git(repository, "for-each-ref", "--format=%(objectname)", pattern).strip()
        shown = git(repository, "show", f"{rev}:params.yaml")
        assert "epochs: 3" in shown
        assert "seed: 42" in shown
    (repository / "params.yaml").write_text(before, encoding="utf-8")
    assert "2 trials run before" in stage(repository, "tune")
