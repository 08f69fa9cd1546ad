"""Two clones of a repository search one study in a real PostgreSQL."""

import os
import shutil
import signal
from collections import Counter
from pathlib import Path

import pytest

from tests.postgresql import PASSWORD, Server, server
from tests.repository import git
from tests.tiny_repository import change, make_repository, started, trials, wait_for, worker_ids

RUNNING = """
select v.step from trial_intermediate_values v
join trials t using (trial_id) join trial_user_attributes a using (trial_id)
where t.state = 'RUNNING' and a.key = 'owner' and a.value_json like '%{}"'
"""
OWNERS = """
select o.value_json, t.state, r.key is not null from trials t
join trial_user_attributes o on o.trial_id = t.trial_id and o.key = 'owner'
left join trial_user_attributes r on r.trial_id = t.trial_id and r.key = 'reaped'
order by t.number
"""


def test_clones_share_a_study_one_is_killed_and_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = make_repository(tmp_path / "one")
    change(one, {"train.lr": 1e-2, "train.epochs": 20.0, "tune.trials": 4})
    change(one, {"tune.confirm.top": 0, "tune.pruner": "none"})
    other = tmp_path / "other"
    shutil.copytree(one, other, symlinks=True)
    repro = ("-m", "dvc", "repro", "tune")
    log = other / "output.txt"
    with server() as database:
        monkeypatch.setenv("TUNE_STORAGE", database.url)
        with started(one, *repro) as first:
            with started(other, *repro) as second:
                wait_for(lambda: is_training(database, "one"))
                (worker,) = worker_ids(one)
                os.kill(worker, signal.SIGSTOP)  # its trial is sure to run when the other begins
                wait_for(lambda: is_training(database, "other"))
                os.killpg(second.pid, signal.SIGKILL)
            wait_for(lambda: not worker_ids(other), seconds=10)
            with started(other, *repro) as second:
                wait_for(lambda: "1 taken up again" in log.read_text("utf-8"))
                os.kill(worker, signal.SIGCONT)
                assert first.wait(timeout=240) == 0, (one / "output.txt").read_text("utf-8")
                assert second.wait(timeout=240) == 0, log.read_text("utf-8")
        owned = [(owner.rpartition("/")[2], *rest) for owner, *rest in database.select(OWNERS)]

    # All four trials, each once; the killed one again; the one that was not killed only once.
    ends = Counter((state, is_reaped) for _, state, is_reaped in owned)
    assert ends == {("COMPLETE", False): 4, ("FAIL", True): 1}
    assert [owner for owner, _, is_reaped in owned if is_reaped] == ['other"']
    assert {owner for owner, state, _ in owned if state == "COMPLETE"} == {'one"', 'other"'}
    last = max((trials(one), trials(other)), key=lambda rows: sum(bool(r["score"]) for r in rows))
    assert [row["state"] for row in last] == ["COMPLETE"] * 4
    assert len({row["train.lr"] for row in last}) == 4
    # The baseline is trained on each machine: it needs the predictions, not the score alone.
    named = {row["experiment"] for row in last}
    study = last[0]["trial"].rpartition("-")[0]
    assert named <= {*experiments(one), *experiments(other)} <= named | {f"{study}-present"}
    assert "running elsewhere" in log.read_text("utf-8")
    for place in (one, other):
        assert not secrets(place, database)


def is_training(database: Server, clone: str) -> bool:
    """Tell whether a trial of this clone runs and has finished an epoch."""
    made = database.select("select to_regclass('trial_intermediate_values') is not null")
    return made == [(True,)] and bool(database.select(RUNNING.format(clone)))


def experiments(repository: Path) -> list[str]:
    refs = git(repository, "for-each-ref", "--format=%(refname)", "refs/exps").split()
    return [ref.rpartition("/")[2] for ref in refs if ref != "refs/exps/exec/EXEC_BASELINE"]


def secrets(repository: Path, database: Server) -> list[str]:
    """Return where the password stands: files, what was printed, and all that Git holds."""
    words = [PASSWORD.encode(), database.address.partition("@")[0].encode(), b"s3cret"]
    files = [path for path in repository.rglob("*") if path.is_file()]
    found = [str(path) for path in files if any(word in path.read_bytes() for word in words)]
    history = git(repository, "log", "--all", "--patch").encode()
    return found + ["Git"] * any(word in history for word in words)
