import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from rich.cells import cell_len

ROOT = Path(__file__).resolve().parents[2]
STAGES = ("clean", "tokenize", "train", "evaluate", "predict", "tune", "report")
COMMANDS = sorted(
    path.stem
    for path in (ROOT / "stages").glob("*.py")
    if 'if __name__ == "__main__"' in path.read_text(encoding="utf-8")
)
HEAD = "from stages.command.entry import run\n"


def python(code: str, *, folder: Path = ROOT) -> subprocess.CompletedProcess[str]:
    """Run `code` as a process of its own, as a stage is."""
    return subprocess.run(
        [sys.executable, "-c", HEAD + code],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )


def gone(process_id: int) -> bool:
    """Tell whether a process has ended; one that nobody waits for stays as a zombie."""
    try:
        state = Path(f"/proc/{process_id}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except FileNotFoundError:
        return True
    return state == "Z"


def wait_until(reached: object, *, seconds: float) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if reached():  # type: ignore[operator]
            return True
        time.sleep(0.05)
    return False


def test_a_mistake_of_the_user_is_one_sentence_and_exit_code_1() -> None:
    ended = python(
        "from stages.command.errors import UserError\n"
        "def main(): raise UserError('train.csv, row 3: no summary')\n"
        "run(main)"
    )
    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr == "error: train.csv, row 3: no summary\n"


PLAIN_ASCII = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
SAID = "요약 → 47.1 ± 2"


@pytest.mark.parametrize(
    ("locale", "written"),
    [
        (PLAIN_ASCII, SAID.encode()),
        ({"PYTHONIOENCODING": "cp949"}, SAID.encode("cp949")),
        ({"PYTHONIOENCODING": "latin-1"}, rb"\uc694\uc57d \u2192 47.1 " + b"\xb1 2"),
    ],
)
def test_korean_is_written_whatever_the_locale(locale: dict[str, str], written: bytes) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", f"{HEAD}run(lambda: print({SAID!a}))"],
        cwd=ROOT,
        env=os.environ | locale,
        capture_output=True,
        check=False,
    )
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, written + b"\n", b"")


@pytest.mark.parametrize("command", ["evaluate", "summarize"])
def test_help_is_written_in_plain_ascii(command: str) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", f"stages.{command}", "--help"],
        cwd=ROOT,
        env=os.environ | PLAIN_ASCII,
        capture_output=True,
        check=False,
    )
    assert (ended.returncode, ended.stderr) == (0, b"")


@pytest.mark.parametrize("columns", [60, 80])
@pytest.mark.parametrize("command", COMMANDS)
def test_help_is_as_wide_as_the_terminal(command: str, columns: int) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", f"stages.{command}", "--help"],
        cwd=ROOT,
        env=os.environ | {"COLUMNS": str(columns)},
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    lines = ended.stdout.splitlines()
    assert [line for line in lines if cell_len(line) > columns] == []
    assert max(map(cell_len, lines)) > 0.7 * columns  # and no narrower


@pytest.mark.parametrize("stage", STAGES)
def test_a_stage_asked_for_help_runs_nothing(stage: str, tmp_path: Path) -> None:
    for argument, code in (("--help", 0), ("--typo", 2), ("data/raw", 2)):
        ended = subprocess.run(
            [sys.executable, "-m", f"stages.{stage}", argument],
            cwd=tmp_path,
            env=os.environ | {"PYTHONPATH": str(ROOT)},
            capture_output=True,
            encoding="utf-8",
            check=False,
        )
        assert ended.returncode == code
        assert f"usage: python -m stages.{stage} [-h]" in ended.stdout + ended.stderr
        assert list(tmp_path.iterdir()) == []


def test_a_command_that_ends_well_says_nothing_of_its_own() -> None:
    ended = python("run(lambda: print('done'))")
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "done\n", "")


def test_a_mistake_of_ours_keeps_its_traceback() -> None:
    ended = python("run(lambda: 1 / 0)")
    assert ended.returncode == 1
    assert "Traceback" in ended.stderr
    assert "ZeroDivisionError" in ended.stderr


def test_another_fault_of_a_file_keeps_its_traceback() -> None:
    ended = python("run(lambda: open('/proc/nothing-here'))")
    assert "FileNotFoundError" in ended.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full on this system")
def test_a_full_disk_is_one_sentence() -> None:
    ended = python(
        "def main():\n with open('/dev/full', 'w') as file: file.write('x' * 100_000)\nrun(main)"
    )
    assert ended.returncode == 1
    assert ended.stderr.startswith("error: the disk is full (")
    assert ended.stderr.count("\n") == 1


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full on this system")
@pytest.mark.parametrize(
    "write",
    [
        # Neither raises an OSError.
        "from tokenizers import *\ndef main(): Tokenizer(models.BPE()).save('/dev/full')",
        "import torch\ndef main(): torch.save(torch.zeros(10**6), '/dev/full')",
    ],
    ids=["tokenizers", "torch"],
)
def test_a_full_disk_is_one_sentence_whoever_writes(write: str) -> None:
    ended = python(write + "\nrun(main)")
    assert ended.returncode == 1
    assert ended.stderr.startswith("error: the disk is full (")
    assert ended.stderr.count("\n") == 1


def test_an_interrupt_is_no_traceback() -> None:
    ended = python("import os, signal\nrun(lambda: os.kill(os.getpid(), signal.SIGINT))")
    assert (ended.returncode, ended.stderr) == (130, "")


@pytest.mark.parametrize("dvc", [True, False], ids=["under dvc", "by hand"])
def test_a_stage_ends_with_the_dvc_that_started_it(tmp_path: Path, dvc: bool) -> None:
    # A shell stands for `dvc`; a command that somebody started by hand outlives its terminal.
    stage = tmp_path / "stage.py"
    stage.write_text(
        f"{HEAD}import os, pathlib, time\n"
        "def main():\n"
        "    pathlib.Path('started').write_text(str(os.getpid()))\n"
        "    time.sleep(60)\n"
        "run(main)\n"
    )
    parent = subprocess.Popen(
        ["sh", "-c", f"'{sys.executable}' stage.py & wait"],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(ROOT)} | ({"DVC_STAGE": "train"} if dvc else {}),
    )
    started = tmp_path / "started"
    assert wait_until(lambda: started.exists() and started.read_text(), seconds=20)
    child = int(started.read_text())
    try:
        parent.kill()
        parent.wait()
        assert wait_until(lambda: gone(child), seconds=5 if dvc else 1.5) == dvc
    finally:
        if not gone(child):
            os.kill(child, signal.SIGKILL)
