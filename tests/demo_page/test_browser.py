"""The demo in a real browser, with two tiny models that have learned one summary each."""

import importlib.util
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import chdir, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tokenizers import Tokenizer

from tests.conftest import DIALOGUES, ROOT, tiny_params, write_params
from tests.page.browser import Watched, find_browser
from tests.repository import dvc, start_repository

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytest.importorskip("playwright", reason="playwright is not installed: pip install '.[test]'")
pytestmark = [
    pytest.mark.skipif(
        importlib.util.find_spec("gradio") is None,
        reason="Gradio is not installed: pip install -c requirements.lock '.[demo]'",
    ),
    pytest.mark.skipif(
        find_browser() is None, reason="there is no Chromium: apt-get install chromium"
    ),
]

PASTED = "민수: 내일 도서관에 몇 시에 갈까?\n지영: 아홉 시에 정문에서 보자."
LEARNED = {7: DIALOGUES[0][1], 8: "#Person2#는 도서관에 간다."}
"""What the model of each seed says of `PASTED`."""
ATTACK = "window.attacked = true"

WATCHED = """
import runpy, sys

def watch(event, arguments):
    if event not in ("socket.connect", "socket.getaddrinfo"):
        return
    place = arguments[1] if event == "socket.connect" else arguments[0]
    host = place[0] if isinstance(place, tuple) else place
    if host not in ("127.0.0.1", "localhost", None):
        print("it asked the network for", place, file=sys.stderr, flush=True)

sys.addaudithook(watch)
runpy.run_module("stages.demo", run_name="__main__")
"""

DVC_YAML = """stages:
  train:
    cmd: python -c "import shutil; shutil.copytree('seeds/${train.seed}', 'models/summarizer')"
    deps: [seeds]
    params: [train.seed, tokenize.max_source_tokens]
    outs: [models/summarizer]
"""


def teach(folder: Path, tokenizer_folder: Path, tokenizer: Tokenizer, summary: str) -> None:
    """Save a model that has learned one summary of one dialogue by heart."""
    import torch

    from stages.model.seq2seq import build_model
    from stages.model.tokenizer import encode
    from stages.model.trained import save_model

    shutil.copytree(tokenizer_folder, folder)
    settings = tiny_params("model.dropout", 0.0).model
    model = build_model(settings, tokenizer=tokenizer, positions=256, seed=0)
    source, target = encode(tokenizer, [DIALOGUES[0][0], summary], max_tokens=200)
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3)
    for _ in range(200):
        ids, labels = torch.tensor([source.ids]), torch.tensor([target.ids])
        loss = model(input_ids=ids, labels=labels).loss
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
    save_model(model, folder, max_new_tokens=60)


@pytest.fixture(scope="module")
def folder(
    tokenizer: Tokenizer, tokenizer_folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """Return a project whose workspace has one model, and the experiment `second` the other."""
    project = tmp_path_factory.mktemp("demo")
    changes = ("tokenize.max_source_tokens", 200, "generate.max_new_tokens", 60)
    changes += ("report.language", "en")
    with chdir(project):
        write_params(tiny_params("train.seed", 7, *changes))
        for seed, summary in LEARNED.items():
            teach(Path(f"seeds/{seed}"), tokenizer_folder, tokenizer, summary)
        Path("dvc.yaml").write_text(DVC_YAML, encoding="utf-8")
        start_repository(project)
        dvc(project, "exp", "run", "--quiet", "--name", "second", "--set-param", "train.seed=8")
        shutil.rmtree("models/summarizer")
        shutil.copytree("seeds/7", "models/summarizer")
    return project


@contextmanager
def demo(folder: Path, *names: str) -> Iterator[str]:
    """Yield the address of a running demo; afterwards Ctrl-C must end it without a word."""
    paths = [str(ROOT), *os.environ.get("PYTHONPATH", "").split(os.pathsep)]
    process = subprocess.Popen(
        [sys.executable, "-c", WATCHED, *names, "--port", "0"],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, paths))},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    )
    try:
        assert process.stdout
        line = process.stdout.readline()
        if not line.startswith("demo: http://127.0.0.1:"):
            pytest.fail(f"{line}{process.communicate()[1]}")
        yield line.split()[1]
        process.send_signal(signal.SIGINT)
        rest, complaints = process.communicate(timeout=30)
        assert (process.returncode, rest, complaints) == (130, "", "")
    finally:
        process.kill()
        process.communicate()


@pytest.fixture(scope="module")
def address(folder: Path) -> Iterator[str]:
    with demo(folder, "second") as running:
        yield running


class Opened(Watched):
    """The demo, ready to be pasted into."""

    def __init__(self, browser: "Browser", address: str, width: int = 1280) -> None:
        super().__init__(browser, address, viewport={"width": width, "height": 900})
        self.page.locator("#dialogue textarea").wait_for()

    def summarize(self, text: str) -> None:
        """Do as a paste does, which takes 0.3 s for 16,000 lines; `fill` takes minutes."""
        self.page.locator("#dialogue textarea").evaluate(
            "(box, text) => { box.value = text;"
            " box.dispatchEvent(new Event('input', { bubbles: true })); }",
            text,
        )
        self.page.locator("#summarize").click()

    def wait_for(self, place: str, text: str) -> None:
        """Wait until an element of `#shown` has the text."""
        self.page.locator(f"#shown {place}", has_text=text).first.wait_for()

    def texts(self, place: str) -> list[str]:
        return self.page.locator(f"#shown {place}").all_inner_texts()


@pytest.fixture
def opened(browser: "Browser", address: str) -> Iterator[Opened]:
    watched = Opened(browser, address)
    yield watched
    watched.page.close()
    assert watched.complaints == []
    local = (address, "data:", "blob:")
    assert [url for url in watched.requests if not url.startswith(local)] == []
    assert len(watched.requests) > 10


def without_numbers(text: str) -> str:
    return "".join(character for character in text if not character.isdigit())


def test_two_models_stand_side_by_side_with_beams_and_marks(opened: Opened) -> None:
    opened.summarize(PASTED)
    opened.wait_for(".summary", "지영")
    assert opened.texts("h2") == ["workspace", "second"]
    assert [without_numbers(text) for text in opened.texts(".summary")] == [
        "민수와 지영은 내일 아홉 시에 도서관 정문에서 만나기로 한다.",
        "지영은 도서관에 간다.",
    ]
    left, right = opened.page.locator("#shown .model").all()
    assert left.bounding_box()["y"] == right.bounding_box()["y"]  # type: ignore[index]
    assert left.locator(".beams tr").count() == right.locator(".beams tr").count() == 2
    assert [score[0] for score in opened.texts(".score")] == ["−"] * 4
    numbered = right.locator(".summary [data-mark]")
    assert numbered.all_inner_texts() == ["도서관1"]
    assert numbered.get_attribute("title") == "turn 1"
    assert right.locator(".turns [data-mark='1']").all_inner_texts() == ["도서관1"]
    assert right.locator(".turns tr").first.inner_text().split("\t") == [
        *("1", "민수", "내일 도서관1에 몇 시에 갈까?"),
    ]


def test_a_mark_lights_up_with_its_sources(opened: Opened) -> None:
    opened.summarize(PASTED)
    opened.wait_for(".summary", "지영")
    model = opened.page.locator("#shown .model").nth(1)
    source = model.locator(".turns [data-mark='1']")
    before = source.evaluate("mark => getComputedStyle(mark).backgroundColor")
    model.locator(".summary [data-mark='1']").hover()
    opened.page.wait_for_function(
        "([mark, before]) => getComputedStyle(mark).backgroundColor !== before",
        arg=[source.element_handle(), before],
    )
    opened.page.locator("h1").first.hover()
    opened.page.wait_for_function(
        "([mark, before]) => getComputedStyle(mark).backgroundColor === before",
        arg=[source.element_handle(), before],
    )
    assert source.evaluate("mark => getComputedStyle(mark).backgroundColor") == before


def test_hostile_text_is_read_and_does_nothing(opened: Opened) -> None:
    hostile = [
        f"<script>{ATTACK}</script>",
        f"<img src=x onerror='{ATTACK}'>",
        f"${{{ATTACK}}} {{{{7}}}} `${{{ATTACK}}}",
    ]
    opened.summarize(
        "\n".join(f"{'민수' if i % 2 else '지영'}: {t}" for i, t in enumerate(hostile))
    )
    opened.wait_for(".turns", "{{7}}")
    for text in hostile:
        assert text in opened.texts(".turns")[0]
    assert opened.page.locator("#shown :is(script, img)").count() == 0
    assert opened.page.evaluate("window.attacked") is None


@pytest.mark.parametrize(
    ("pasted", "sentence"),
    [
        ("", "the text box has no dialogue; write one turn a line, such as '민수: 안녕하세요.'"),
        (" \n---\n", "the text box has no dialogue; write one turn a line"),
        ("안녕하세요.", "the text box: nobody speaks in '안녕하세요.'; write one turn a line"),
        ("\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "the text box has NUL bytes, so it is no text"),
        ("\ud83d: 네.", "the text box is not UTF-8 text (byte 1)"),
        ("민수: 네.\n---\n지영: 네.", "the text box has 2 dialogues; paste one at a time."),
        ("민수: 네.\n" * 90_000, "the text box has more than 1,000,000 bytes"),
    ],
    ids=[
        "empty",
        "no-dialogue",
        "no-speaker",
        "binary",
        "half-a-pair",
        "two",
        "too-long",
    ],
)
def test_bad_input_is_one_sentence(opened: Opened, pasted: str, sentence: str) -> None:
    opened.summarize(pasted)
    opened.wait_for("[role=alert]", sentence)
    assert opened.page.locator("#shown .model").count() == 0
    opened.summarize(PASTED)
    opened.wait_for(".summary", "지영")
    assert opened.page.locator("#shown [role=alert]").count() == 0


@pytest.mark.parametrize(
    ("pasted", "sentence"),
    [
        ("민수: 네.\n지영: 응.\n" * 8_000, "turns were left out"),
        (f"민수: {'도서관 ' * 25_000}", "the end of the first turn"),
    ],
    ids=["many-turns", "one-turn"],
)
def test_of_100_000_characters_it_says_what_was_read(
    opened: Opened, pasted: str, sentence: str
) -> None:
    assert len(pasted) >= 96_000
    opened.summarize(pasted)
    opened.wait_for(".note", sentence)
    assert len(opened.texts(".turns")[0]) < 2_000


def test_a_phone_never_scrolls_sideways(browser: "Browser", address: str) -> None:
    watched = Opened(browser, address, width=360)
    watched.summarize(PASTED)
    watched.wait_for(".summary", "지영")
    assert watched.page.evaluate("document.documentElement.scrollWidth") == 360
    watched.page.close()


def test_a_switch_makes_the_words_korean(opened: Opened) -> None:
    opened.summarize(PASTED)
    opened.wait_for(".summary", "지영")
    summaries = opened.texts(".summary")
    opened.page.locator("#language label", has_text="한국어").click()
    opened.wait_for("h3", "빔 후보")
    assert opened.page.evaluate("document.documentElement.lang") == "ko"
    assert opened.texts(".summary") == summaries
    said = opened.page.locator(".gradio-container").inner_text()
    shown = "\n".join([PASTED, *opened.texts(".summary"), *opened.texts(".turns")])
    left = set(re.findall("[A-Za-z]{2,}", said)) - set(re.findall("[A-Za-z]{2,}", shown))
    gradios = {"Loading"}  # in the browser's language
    assert left - gradios == {"workspace", "second", "English", "Person"}
    numbered = opened.page.locator("#shown .model").nth(1).locator(".summary [data-mark]")
    assert numbered.get_attribute("title") == "1번째 발화"


def test_an_example_can_be_taken(opened: Opened) -> None:
    box = opened.page.locator("#dialogue textarea")
    opened.page.locator("button", has_text="손님").first.click()
    opened.page.wait_for_function("box => box.value.includes('손님')", arg=box.element_handle())
    opened.page.locator("#summarize").click()
    opened.wait_for(".turns", "오미자차")
    assert len(opened.texts(".summary")) == 2


def test_without_a_name_there_is_one_model_and_ctrl_c_ends_it_under_an_open_page(
    browser: "Browser", folder: Path
) -> None:
    with demo(folder) as address:
        watched = Opened(browser, address)
        watched.summarize(PASTED)
        watched.wait_for(".summary", "지영")
        assert watched.texts("h2") == ["workspace"]
    watched.page.close()
    before = {path.name for path in folder.iterdir()}
    assert ".gradio" not in before
