"""Tiny real things that tests share: a project in a folder, a tokenizer, a one-layer BART."""

import csv
import os
import shutil
import signal
import sys
from pathlib import Path

# Before torch is imported anywhere, and for every process that a test starts: one thread each, for
# pytest-xdist fills the cores already, and no network.
os.environ |= {
    # DVC starts the workers of its queue by name.
    "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "RAYON_NUM_THREADS": "1",
    "TOKENIZERS_PARALLELISM": "false",
    "HF_HUB_OFFLINE": "1",
    "HF_DATASETS_OFFLINE": "1",
}
os.environ.pop("DVC_STAGE", None)
os.environ.pop("MAKEFLAGS", None)  # of `make test`
os.environ.pop("MAKELEVEL", None)
os.environ.pop("MFLAGS", None)

from collections.abc import Callable, Iterator
from contextlib import chdir
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from hypothesis import settings
from tokenizers import Tokenizer

from stages import clean
from stages.command.files import write_csv
from stages.model.tokenizer import read_tokenizer, save_trained_tokenizer
from stages.params import Params, check_params, load_params
from tests.page.browser import chromium, find_browser

if TYPE_CHECKING:
    from playwright.sync_api import Browser

# No property takes so long that it fails: 200 ms, hypothesis's own limit, pass on a busy machine.
settings.register_profile("untimed", settings(deadline=None))
settings.load_profile("untimed")

# A shell that starts pytest with `&` has it ignore Ctrl-C, and so would every process of a test.
signal.signal(signal.SIGINT, signal.default_int_handler)

ROOT = Path(__file__).resolve().parents[1]
REAL_DEV = ROOT / "../shared/data/ko/dev.csv"
REAL_ENGLISH = ROOT / "../shared/data/en/test.csv"

TINY = {
    "data": {"dir": "data/raw"},
    "clean": {"leaks": "keep", "leak_threshold": 0.2, "folds": 0},
    "tokenize": {"vocab_size": 400, "max_source_tokens": 64, "max_target_tokens": 32},
    "model": {
        "name": "scratch",
        "layers": 1,
        "d_model": 32,
        "dropout": 0.1,
        "activation": "gelu",
        "init_std": 0.02,
    },
    "train": {
        "seed": 7,
        "lr": 1e-3,
        "batch_size": 4,
        "gradient_accumulation_steps": 1,
        "epochs": 2,
        "max_steps": 0,
        "optim": "adamw_torch",
        "momentum": 0.9,
        "weight_decay": 0.01,
        "warmup_ratio": 0.1,
        "lr_scheduler_type": "linear",
        "label_smoothing": 0.1,
        "max_grad_norm": 1.0,
        "precision": "fp32",
        "patience": 0,
        "eval_rows": 2,
    },
    "generate": {
        "num_beams": 2,
        "length_penalty": 1.0,
        "no_repeat_ngram_size": 0,
        "max_new_tokens": 12,
    },
    "rouge": {"tokenizer": "mecab", "variant": "counts", "references": "average"},
    "tune": {"patience": 0},
}
"""What the tests set; every other value is that of params.yaml."""

DIALOGUES = [
    (
        "#Person1#: 내일 도서관에 몇 시에 갈까?\n#Person2#: 아홉 시에 정문에서 보자.",
        "#Person1#과 #Person2#는 내일 아홉 시에 도서관 정문에서 만나기로 한다.",
    ),
    (
        "#Person1#: 손님, 무엇을 찾으세요?\n#Person2#: 겨울 장갑이요.\n#Person1#: 이쪽으로 오세요.",
        "#Person2#는 겨울 장갑을 사러 왔다.",
    ),
    (
        "#Person1#: 어디가 아프세요?\n#Person2#: 어제부터 목이 아파요.\n#Person1#: 약을 드릴게요.",
        "#Person2#는 목이 아파서 #Person1#에게 약을 받는다.",
    ),
    (
        "#Person1#: 여보세요?\n#Person2#: 제 번호는 #PhoneNumber#예요.",
        "#Person2#는 #Person1#에게 전화번호를 알려 준다.",
    ),
    (
        "#Person1#: 보고서 다 썼어요?\n#Person2#: 아직이요, 30% 남았어요.",
        "#Person2#의 보고서는 아직 30% 남았다.",
    ),
    (
        "#Person1#: 부산 가는 기차 있나요?\n#Person2#: 두 시에 있어요.\n#Person1#: 한 장 주세요.",
        "#Person1#은 두 시에 부산으로 가는 기차표를 산다.",
    ),
    (
        "#Person1#: 저녁에 뭐 먹을래?\n#Person2#: 김치찌개 어때?\n#Person1#: 좋아.",
        "#Person1#과 #Person2#는 저녁에 김치찌개를 먹기로 한다.",
    ),
    (
        "#Person1#: 영화 재미있었어?\n#Person2#: 음악은 좋았는데 너무 길었어.",
        "#Person2#는 영화가 너무 길었다고 말한다.",
    ),
    (
        "#Person1#: 면접은 어땠니?\n#Person2#: 떨렸지만 잘 대답했어요.",
        "#Person2#는 면접에서 잘 대답했다.",
    ),
    (
        "#Person1#: 환불되나요?\n#Person2#: 영수증이 있으면 됩니다.",
        "#Person1#은 영수증이 있으면 환불받을 수 있다.",
    ),
    (
        "#Person1#: 주말에 등산 갈래?\n#Person2#: 비가 온대. 다음 주에 가자.",
        "#Person1#과 #Person2#는 비 때문에 다음 주에 등산을 가기로 한다.",
    ),
    (
        "#Person1#: 집 주소가 어떻게 되세요?\n#Person2#: #Address#입니다.",
        "#Person2#는 #Person1#에게 주소를 알려 준다.",
    ),
]
"""Invented; the first eight are the training split, then two for dev and two for test."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the files that run whole stages, those directly in tests/, first: they take longest.

    pytest-xdist hands files out in this order, and no core waits for the last of them.
    """
    items.sort(key=lambda item: item.path.parent != ROOT / "tests")


def tiny_params(*pairs: Any) -> Params:
    """Return params with which every stage takes a moment, and some values of the test's own."""
    content = load_params(ROOT / "params.yaml").model_dump()
    for section, values in TINY.items():
        content[section] |= values
    for key, value in zip(pairs[::2], pairs[1::2], strict=True):
        section, name = key.split(".")
        content[section] |= {name: value}
    return check_params(content, where="the test's params")


@pytest.fixture(autouse=True)
def torch_as_it_was() -> Iterator[None]:
    """Fail a test that leaves torch or transformers otherwise than it found them, for the next."""
    before = switches()
    yield
    assert not before or switches() == before


def switches() -> dict[str, Any]:
    """Return what the project changes for a while in torch and transformers: name → value.

    Nothing where no model's code has been imported: a test of something else starts in a second.
    """
    if "stages.model.beams" not in sys.modules:
        return {}
    import torch
    from transformers import masking_utils
    from transformers.modeling_utils import ALL_ATTENTION_FUNCTIONS

    return {
        "attention by cuDNN": torch.backends.cuda.cudnn_sdp_enabled(),
        "products": torch.backends.mkldnn.matmul.fp32_precision,
        "dropout": torch.nn.functional.dropout,
        "attention": ALL_ATTENTION_FUNCTIONS["sdpa"],
        "packed rows": masking_utils.find_packed_sequence_indices,
        "threads": torch.get_num_threads(),
        "gradients": torch.is_grad_enabled(),
        "number format": torch.get_default_dtype(),
    }


@pytest.fixture(scope="module")
def browser() -> Iterator["Browser"]:
    path = find_browser()
    assert path
    with chromium(path) as running:
        yield running


@pytest.fixture(scope="session")
def change() -> Callable[..., Params]:
    """Return `change("train.lr", 0.5)`: the tiny params with some values of the test's own."""
    return tiny_params


@pytest.fixture
def tiny() -> Params:
    """Return the tiny params."""
    return tiny_params()


@pytest.fixture(scope="session")
def dialogues() -> list[tuple[str, str]]:
    """Return dialogues with their summaries."""
    return DIALOGUES


@pytest.fixture(scope="session")
def tokenizer_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a tokenizer trained on the dialogues."""
    folder = tmp_path_factory.mktemp("tokenizer")
    texts = [text for pair in DIALOGUES for text in pair]
    save_trained_tokenizer(texts, vocab_size=400, folder=folder)
    return folder


@pytest.fixture(scope="session")
def tokenizer(tokenizer_folder: Path) -> Tokenizer:
    """Return the tokenizer trained on the dialogues."""
    return read_tokenizer(tokenizer_folder)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the current folder: params.yaml, the dialogues as CSV, and them cleaned."""
    monkeypatch.chdir(tmp_path)
    write_project()
    return tmp_path


@pytest.fixture(scope="session")
def trained_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a project whose summarizer is trained; tests take copies of it."""
    from stages import tokenize, train

    folder = tmp_path_factory.mktemp("trained")
    with chdir(folder):
        write_project()
        tokenize.main()
        train.main()
    return folder


@pytest.fixture
def trained(trained_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the current folder: a project whose summarizer is trained."""
    shutil.copytree(trained_folder, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write_project() -> None:
    """Write params.yaml and the dialogues into the current folder, and clean them."""
    write_params(tiny_params())
    splits = {"train": DIALOGUES[:8], "dev": DIALOGUES[8:10]}
    for split, pairs in splits.items():
        rows = [[f"{split}_{i}", *pair, "일상"] for i, pair in enumerate(pairs)]
        write_csv(Path(f"data/raw/{split}.csv"), ["fname", "dialogue", "summary", "topic"], rows)
    rows = [[f"test_{i}", *pair, "다른 요약."] for i, pair in enumerate(DIALOGUES[10:])]
    write_csv(Path("data/raw/test.csv"), ["fname", "dialogue", "summary1", "summary2"], rows)
    clean.main()


@pytest.fixture
def rewrite() -> Callable[[Params], None]:
    """Return the function that puts other values into the project's params.yaml."""
    return write_params


def write_params(params: Params) -> None:
    """Write params.yaml into the current folder."""
    Path("params.yaml").write_text(yaml.safe_dump(params.model_dump()), encoding="utf-8")


@pytest.fixture
def files() -> Callable[..., dict[str, bytes]]:
    """Return the function that reads files, and all below some folders: path → bytes."""

    def read(*places: str) -> dict[str, bytes]:
        return {
            str(path): path.read_bytes()
            for place in places
            for path in [Path(place), *sorted(Path(place).rglob("*"))]
            if path.is_file()
        }

    return read


@pytest.fixture(scope="session")
def untrained(tokenizer_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a model whose random weights are large enough to say things."""
    from stages.model.seq2seq import build_model
    from stages.model.trained import save_model

    folder = tmp_path_factory.mktemp("untrained") / "model"
    shutil.copytree(tokenizer_folder, folder)
    settings = tiny_params("model.init_std", 0.5).model
    tokenizer = read_tokenizer(folder)
    model = build_model(settings, tokenizer=tokenizer, positions=64, seed=3)
    save_model(model, folder, max_new_tokens=12)
    return folder


@pytest.fixture(scope="session")
def dev_rows() -> list[dict[str, str]]:
    """Return the rows of the real Korean dev set, where it lies beside the project."""
    if not REAL_DEV.exists():
        pytest.skip("put the competition's dev.csv into ../shared/data/ko/ (CONTRIBUTING.md)")
    with REAL_DEV.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="session")
def english_rows() -> list[dict[str, str]]:
    """Return the 500 rows of DialogSum's test set, three references each, where it lies there."""
    if not REAL_ENGLISH.exists():
        pytest.skip("put DialogSum's test.csv into ../shared/data/en/ (CONTRIBUTING.md)")
    with REAL_ENGLISH.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
