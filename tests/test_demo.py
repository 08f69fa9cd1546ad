import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from stages import demo
from stages.command.errors import UserError
from stages.experiments.models import RestoredModel
from stages.params import Params
from tests.conftest import ROOT

CHAT = "민수: 내일 도서관에 갈까?\n지영: 아홉 시에 보자."


def run_without(missing: tuple[str, ...], *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command in the current folder where some packages are not installed."""
    hidden = f"import runpy, sys; sys.modules |= dict.fromkeys({missing!r})"
    code = f"{hidden}; runpy.run_module('stages.demo', run_name='__main__')"
    return subprocess.run(
        [sys.executable, "-c", code, *arguments],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


def test_help_needs_neither_gradio_nor_torch(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    done = run_without(("gradio", "torch", "transformers"), "--help")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("usage: python -m stages.demo [-h] [--port PORT] [name ...]")


@pytest.mark.usefixtures("project")
def test_without_a_model_the_command_that_makes_it_is_named() -> None:
    done = run_without(("gradio",))
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        "error: models/summarizer/model.safetensors is missing. "
        "It gets written by: dvc repro train\n"
    )


@pytest.mark.usefixtures("trained")
def test_without_gradio_the_command_that_installs_it_is_named() -> None:
    done = run_without(("gradio",))
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("error: gradio is not installed, which only the demo needs;")
    assert "pip install -c requirements.lock '.[demo]'" in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_port_that_is_taken_is_one_sentence() -> None:
    with demo.listen(0) as listening:
        host, port = listening.getsockname()
        assert host == "127.0.0.1"
        with pytest.raises(
            UserError, match=rf"port {port} cannot be used \(Address already in use"
        ):
            demo.listen(port)
    with demo.listen(port):
        pass


@pytest.mark.parametrize("port", [-1, 65_536])
def test_a_port_that_does_not_exist_is_one_sentence(port: int) -> None:
    with pytest.raises(UserError, match=rf"port {port} cannot be used \(ports are 0 to 65535\)"):
        demo.listen(port)


@pytest.mark.usefixtures("project")
def test_an_experiment_needs_a_repository(tiny: Params) -> None:
    with pytest.raises(UserError, match="DVC keeps experiments beside Git commits"):
        demo.models_shown(["second"], tiny, Path("restored"))


def test_an_answer_has_a_column_for_each_model_even_of_one_name(
    untrained: Path, tiny: Params
) -> None:
    answer = demo.answerer(
        [RestoredModel("가", untrained, 64), RestoredModel("가", untrained, 20)], tiny
    )
    html = answer(CHAT, "ko")
    assert re.findall("<h2>(.*)</h2>", html) == ["가", "가"]
    assert html.count('<p class="note">') == 1
    assert answer(CHAT.replace("\n", "\r\n"), "ko") == html
    assert "빔 후보" in html
    assert "Beams" in answer(CHAT, "en")


@pytest.mark.parametrize(
    ("pasted", "sentence"),
    [
        ("", "the text box has no dialogue; write one turn a line"),
        ("네.", "the text box: nobody speaks in &#39;네.&#39;"),
        ("\0", "the text box has NUL bytes"),
        ("\ud800", "the text box is not UTF-8 text (byte 1)"),
        (f"{CHAT}\n---\n{CHAT}", "the text box has 2 dialogues; paste one at a time."),
        ("민" * 400_000, "the text box has more than 1,000,000 bytes"),
    ],
)
def test_bad_input_is_one_sentence(
    untrained: Path, tiny: Params, pasted: str, sentence: str
) -> None:
    answer = demo.answerer([RestoredModel("가", untrained, 64)], tiny)
    told = f'<span lang="en">{sentence}'
    assert answer(pasted, "en").strip().startswith(f'<p class="fault" role="alert">{told}')
    assert "앞에 이름과 콜론을 붙여 써 주세요.<br>" + told in answer(pasted, "ko")
