from pathlib import Path

import pytest

from stages.command.cost import cache_dir, read_seconds, record_seconds


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_nothing_was_noted_at_first() -> None:
    assert read_seconds() == {}


def test_the_last_training_of_the_same_weights_counts() -> None:
    record_seconds("aa", 10)
    record_seconds("bb", 1.26)
    record_seconds("aa", 12)
    assert read_seconds() == {"aa": 12.0, "bb": 1.3}
    assert [str(path) for path in Path().rglob("*.csv")] == [".dvc/cache/seconds.csv"]


def test_a_line_that_a_power_cut_left_unfinished_is_passed_over() -> None:
    record_seconds("aa", 10)
    with Path(".dvc/cache/seconds.csv").open("a") as file:
        file.write("bb")
    assert read_seconds() == {"aa": 10.0}


def test_the_cache_is_where_dvc_has_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert cache_dir() == Path(".dvc/cache")
    user = tmp_path / "user"
    user.mkdir()
    monkeypatch.setenv("DVC_GLOBAL_CONFIG_DIR", str(user))
    (user / "config").write_text("[cache]\n    dir = /of/the/user\n")
    assert cache_dir() == Path("/of/the/user")
    Path(".dvc").mkdir()
    Path(".dvc/config").write_text("[core]\n    autostage = true\n[cache]\n    dir = ../shared\n")
    assert cache_dir() == Path(".dvc/../shared")
    Path(".dvc/config.local").write_text(
        "[cache]\n    dir = /elsewhere\n['remote \"r\"']\n    url = s3://x%y\n"
    )
    assert cache_dir() == Path("/elsewhere")


def test_copies_that_share_a_cache_share_the_ledger(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    record_seconds("aa", 10)
    copy = tmp_path / ".dvc/tmp/copy"
    (copy / ".dvc").mkdir(parents=True)
    (copy / ".dvc/config.local").write_text(f"[cache]\n    dir = {tmp_path / '.dvc/cache'}\n")
    monkeypatch.chdir(copy)
    record_seconds("bb", 20)
    monkeypatch.chdir(tmp_path)
    assert read_seconds() == {"aa": 10.0, "bb": 20.0}
