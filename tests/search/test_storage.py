"""A study in a real PostgreSQL, and what is said of one that cannot be had."""

import threading
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.exc import SQLAlchemyError

from stages.command.errors import UserError
from stages.params import Choices, Params, Range, Tune
from stages.search.known import PRESENT
from stages.search.storage import Storage, reason
from stages.search.study import Search
from stages.workers.messages import TrialResult, WorkerMessage, key_of
from tests.postgresql import PASSWORD, Server, server

FINITE = {"train.batch_size": Choices(choices=[8, 16, 32]), "model.layers": Range(low=1, high=6)}


@pytest.fixture(scope="module")
def postgresql() -> Iterator[Server]:
    """Return a server."""
    with server() as one:
        yield one


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def tune(tiny: Params, **values: Any) -> Tune:
    return Tune.model_validate(tiny.tune.model_dump() | values)


def done(score: float) -> WorkerMessage:
    return WorkerMessage(
        "done", result=asdict(TrialResult(score, [(1.0, score)], 1.5, 0.5, 9, {}, "0.dir"))
    )


@pytest.mark.parametrize("strategy", ["bayes", "random", "grid"])
def test_searches_that_share_a_study_run_each_trial_once(
    tiny: Params, postgresql: Server, monkeypatch: pytest.MonkeyPatch, strategy: str
) -> None:
    monkeypatch.setenv("TUNE_STORAGE", postgresql.url)
    settings = tune(tiny, trials=10, strategy=strategy)
    ready = threading.Barrier(3)
    tried: list[str] = []
    sources: list[str] = []

    def search() -> None:
        ready.wait()
        one = Search(f"shared-{strategy}", settings, FINITE, epochs=3)
        one.put_first({"train.batch_size": 16, "model.layers": 2}, PRESENT)
        while asked := one.ask():
            tried.append(key_of(asked.values))
            sources.append(one.running[asked.name].user_attrs["source"])
            one.end(asked.name, done(float(len(tried))))

    threads = [threading.Thread(target=search) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(tried) == len(set(tried)) == 10
    assert sources.count(PRESENT) == 1


def test_only_the_own_trials_are_taken_up_again(
    tiny: Params, postgresql: Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("TUNE_STORAGE", postgresql.url)
    asked = {}
    for name in ("one", "other"):
        (tmp_path / name).mkdir()
        monkeypatch.chdir(tmp_path / name)
        asked[name] = Search("lives", tune(tiny, trials=3), FINITE, epochs=3).ask()
    again = Search("lives", tune(tiny, trials=3), FINITE, epochs=3)
    again.study.ask()  # of a process that was killed before it had chosen
    assert again.requeue_orphans() == 2
    following = again.ask()
    assert following
    assert asked["other"]
    assert following.values == asked["other"].values
    assert [trial.state.name for trial in again.spent()] == ["RUNNING"] * 2


def test_a_server_that_was_started_anew_is_found_again(
    tiny: Params, postgresql: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TUNE_STORAGE", postgresql.url)
    search = Search("restart", tune(tiny, trials=2), FINITE, epochs=3)
    asked = search.ask()
    assert asked
    postgresql.stop()
    with pytest.raises(SQLAlchemyError) as caught:  # which `stages.tune` makes one sentence of
        search.ask()
    assert "Connection refused" in reason(caught.value)
    postgresql.start()
    search.end(asked.name, done(40.0))
    assert search.ask()


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("postgresql+psycopg://tester:s3cret-wrong@HERE/postgres", "password authentication fail"),
        ("postgresql+psycopg://tester:ADDRESS-absent", 'database "postgres-absent" does not exist'),
        ("postgresql+psycopg://tester:s3cret@127.0.0.1:1/x", "Connection refused"),
        ("postgresql+psycopg://tester:s3cret@nowhere.invalid/x", "nowhere.invalid"),
        ("postgresql+psycopg2://tester:ADDRESS", r"No module named 'psycopg2'.*pip install 'psyc"),
        ("postgresql+psycopg://tester:s3cret p@ss:w/%{@HERE/postgres", r"in a password write @ as"),
        ("postgresql+psycopg://tester:s3cret@a@HERE/postgres", r"in a password write @ as"),
        ("postgresql+psycopg://tester:s3cret@127.0.0.1:port/x", r"in a password write @ as"),
        ("tester:s3cret@localhost", r"not the URL of a database; expected postgresql\+psycopg://"),
        ("postgres://tester:ADDRESS", r"postgres cannot hold a study; expected postgresql\+psyco"),
        ("mysql://tester:s3cret@localhost/x", "mysql cannot hold a study"),
        ("sqlite:////nowhere/study.db", "unable to open database file"),
    ],
)
def test_what_is_wrong_with_a_storage_is_one_sentence_without_its_password(
    tiny: Params, postgresql: Server, monkeypatch: pytest.MonkeyPatch, url: str, sentence: str
) -> None:
    given = url.replace("ADDRESS", postgresql.address)
    monkeypatch.setenv("TUNE_STORAGE", given.replace("HERE", f"127.0.0.1:{postgresql.port}"))
    with pytest.raises(UserError, match=sentence) as caught:
        Search("study", tune(tiny, trials=1), FINITE, epochs=3)
    said = str(caught.value)
    assert "TUNE_STORAGE" in said
    assert "\n" not in said
    assert "s3cret" not in said
    assert "ss:w" not in said
    assert PASSWORD not in said


@pytest.mark.parametrize("keep", [0, 40, 9000])
def test_a_damaged_study_is_refused_with_the_way_out(
    tiny: Params, tmp_path: Path, keep: int
) -> None:
    Search("study", tune(tiny, trials=2), FINITE, epochs=3).ask()
    file = tmp_path / "data/studies/study.db"
    file.write_bytes(file.read_bytes()[:keep])
    with pytest.raises(UserError, match=r"data/studies/study\.db .*opened: .*: rm data/studies/st"):
        Search("study", tune(tiny, trials=2), FINITE, epochs=3)


def test_a_study_that_begins_is_never_an_empty_file(tiny: Params, tmp_path: Path) -> None:
    tmp_path.joinpath("data/studies").mkdir(parents=True)
    Storage("study")._begin_file()  # and killed before Optuna has made its tables
    assert (tmp_path / "data/studies/study.db").stat().st_size
    assert Search("study", tune(tiny, trials=2), FINITE, epochs=3).ask()
