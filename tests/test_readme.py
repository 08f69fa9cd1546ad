"""What the prose says of params, commands, files and figures is what the code has.

The prose is README.md, README.ko.md, CONTRIBUTING.md and docs/*.md.
"""

import json
import re
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from pydantic import BaseModel

from benchmarks.ratio import Ratio
from stages.params import Params

ROOT = Path(__file__).resolve().parents[1]
README, KOREAN = ROOT / "README.md", ROOT / "README.ko.md"
PROSE = [README, KOREAN, ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
ALL = "\n".join(path.read_text(encoding="utf-8") for path in PROSE)
LONGEST_README = 2000
"""Words, as `wc -w` counts them."""


def read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def found(pattern: str) -> list[str]:
    return sorted(set(re.findall(pattern, ALL)))


def described(section: type[BaseModel], prefix: str = "") -> Iterator[tuple[str, str]]:
    """Yield every key of params.yaml with its meaning, on one line."""
    for name, field in section.model_fields.items():
        kind = field.annotation
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            yield from described(kind, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", " ".join((field.description or "").split())


def blocks(path: Path) -> list[tuple[str, str]]:
    """Return each block of code: its language, and what it says without words for readers."""
    return [
        (language, "\n".join(_without_words(line, language) for line in body.splitlines()))
        for language, body in re.findall(
            r"^```(\w*)\n(.*?)^```", read(path), re.MULTILINE | re.DOTALL
        )
    ]


def _without_words(line: str, language: str) -> str:
    if language == "text":  # a tree: a name, two blanks or more, and what it is
        return re.sub(r"(?<=\S)\s{2,}.*", "", line)
    return re.sub(r"\s+# .*", "", line) if language else line


def headings(path: Path) -> list[str]:
    prose = re.sub(r"^```.*?^```", "", read(path), flags=re.MULTILINE | re.DOTALL)
    return re.findall(r"^#+ .+$", prose, re.MULTILINE)


def anchor(heading: str) -> str:
    """Return the place of a heading in its page, as GitHub names it."""
    words = heading.lstrip("# ").lower()
    return re.sub(r"[^\w\- ]", "", words).replace(" ", "-")


def test_the_readme_is_short() -> None:
    assert len(read(README).split()) <= LONGEST_README


def test_the_korean_readme_has_the_same_commands_outputs_and_files() -> None:
    assert blocks(KOREAN) == blocks(README)


def test_the_korean_readme_has_the_same_headings_pictures_and_links() -> None:
    levels = [[heading.split()[0] for heading in headings(path)] for path in (README, KOREAN)]
    assert levels[0] == levels[1]
    assert all(re.search("[가-힣]", heading) for heading in headings(KOREAN)[1:])
    targets = [re.findall(r"\]\(([^)]+)\)", read(path))[1:] for path in (README, KOREAN)]
    assert targets[0] == targets[1]


def test_the_two_readmes_name_each_other_at_their_top() -> None:
    assert "(README.ko.md)" in read(README)[:200]
    assert "(README.md)" in read(KOREAN)[:200]


@pytest.mark.parametrize("path", PROSE, ids=lambda path: path.name)
def test_a_link_leads_somewhere(path: Path) -> None:
    for target in re.findall(r"\]\(([^):]+)\)", read(path)):
        file, _, place = target.partition("#")
        page = path.parent / file if file else path
        assert page.is_file(), target
        assert not place or place in map(anchor, headings(page)), target


def test_every_module_has_a_line_in_the_tree() -> None:
    [tree] = [body for language, body in blocks(README) if language == "text"]
    folder, named = "", []
    for line in tree.splitlines():
        depth = (len(line) - len(line.lstrip())) // 2
        name = line.strip()
        folder = name if depth == 1 and name.endswith("/") else folder if depth == 2 else ""
        named.append(f"{'stages/' * (depth > 0)}{folder * (depth == 2)}{name}")
    modules = [path.relative_to(ROOT).as_posix() for path in (ROOT / "stages").rglob("*.py")]
    assert sorted(name for name in named if name.endswith(".py")) == sorted(
        name for name in modules if not name.endswith("__init__.py")
    )
    folders = [path for path in (ROOT / "stages").iterdir() if (path / "__init__.py").exists()]
    assert {f"stages/{path.name}/" for path in folders} <= set(named)


def test_the_table_of_parameters_is_the_schema() -> None:
    rows = re.findall(
        r"^\| `([\w.]+)` \| (.+) \|$", read(ROOT / "docs/parameters.md"), re.MULTILINE
    )
    assert rows == list(described(Params))


def test_the_table_of_benchmarks_is_what_was_measured() -> None:
    measured = json.loads(read(ROOT / "metrics/benchmarks.json"))
    rows = re.findall(
        r"^\| `([\w.-]+)` \| (.+) \|$", read(ROOT / "docs/benchmarks.md"), re.MULTILINE
    )
    shown = {}
    for name, cells in rows:
        value, goal, _, _, beside, on = cells.split(" | ")
        shown[name] = (value, goal.strip(), beside, on)
    ratios = [Ratio(name, **one, ours="", theirs="") for name, one in measured.items()]
    known = {
        one.name: (f"**{one.ratio:g}** {one.unit}", one.bound, one.beside, one.on) for one in ratios
    }
    assert shown.items() <= known.items()
    benchmarks = [{name.partition(".")[0] for name in names} for names in (shown, known)]
    assert benchmarks[1] - benchmarks[0] == {"search_methods"}  # a picture in experiments.md


@pytest.mark.parametrize("module", found(r"python -m ((?:stages|benchmarks|tests)\b[a-z_.]*\b)"))
def test_a_module_that_is_run_exists(module: str) -> None:
    path = ROOT / module.rstrip(".").replace(".", "/")
    assert path.with_suffix(".py").is_file() or path.is_dir()


@pytest.mark.parametrize("target", found(r"[`\n]make ([a-z]+)"))
def test_a_target_that_is_made_exists(target: str) -> None:
    done = subprocess.run(
        ["make", "--dry-run", target], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_a_test_of_real_data_says_where_to_put_them_and_so_does_contributing() -> None:
    tests = [path for path in (ROOT / "tests").rglob("*.py") if path.name != Path(__file__).name]
    said = [text for path in tests for text in re.findall(r'skip\((f?".*?")\)', read(path))]
    places = [text for text in said if "../shared" in text]
    assert len(places) > 5
    assert [text for text in places if "(CONTRIBUTING.md)" not in text] == []
    assert all(f"../shared/{name}/" in ALL for name in ("data/ko", "data/en", "models/kobart"))


def test_the_hub_takes_the_command_that_the_page_gives() -> None:
    [command] = re.findall(r"^(hf upload .*?)\s*#", read(ROOT / "docs/models.md"), re.MULTILINE)
    shown = subprocess.check_output(["hf", "upload", "--help"], encoding="utf-8")
    assert all(option in shown for option in re.findall(r"--\w+", command))
    assert "models/summarizer" in command.split()


def test_the_times_of_kobart_are_those_of_the_speeds_beside_them() -> None:
    rows = re.findall(r"^\| ten epochs.*\| (.*) \| computed from (.*), measured", ALL, re.MULTILINE)
    assert len(rows) == 3
    for said, speeds in rows:
        seconds = {"minutes": 60, "hours": 3600}[said.split()[-1]]
        times = [float(number) for number in re.findall(r"[\d.]+", said)]
        taken = [124_570 / float(one) / seconds for one in re.findall(r"[\d.]+", speeds)]
        assert [min(taken), max(taken)] == pytest.approx([times[0], times[-1]], rel=0.05)


def test_the_help_of_make_fits_80_columns_and_has_every_target() -> None:
    lines = subprocess.check_output(["make"], cwd=ROOT, encoding="utf-8").expandtabs().splitlines()
    assert [line for line in lines if len(line) > 80] == []
    [targets] = re.findall(r"^\.PHONY: (.*)", read(ROOT / "Makefile"), re.MULTILINE)[:1]
    assert {line.split()[1] for line in lines} == set(targets.split())


@pytest.mark.parametrize(
    "path", found(r"(?<![\w/.])(?:stages|tests|docs|benchmarks)/[A-Za-z_\d/.-]*[a-zA-Z\d]")
)
def test_a_path_that_is_named_exists(path: str) -> None:
    assert "NAME" in path or (ROOT / path).exists()


def test_a_commit_is_checked_by_the_ruff_of_the_project() -> None:
    project = tomllib.loads(read(ROOT / "pyproject.toml"))["project"]
    [ruff] = [one for one in project["optional-dependencies"]["test"] if one.startswith("ruff")]
    repositories = yaml.safe_load(read(ROOT / ".pre-commit-config.yaml"))["repos"]
    hooks = [hook for repository in repositories for hook in repository["hooks"]]
    assert [hook["additional_dependencies"] for hook in hooks] == [[ruff]] * 2


def test_a_fault_in_data_is_asked_for_by_file_row_command_and_sentence() -> None:
    form = yaml.safe_load(read(ROOT / ".github/ISSUE_TEMPLATE/data-fault.yml"))
    required = {one["id"] for one in form["body"] if one.get("validations", {}).get("required")}
    assert required >= {"file", "row", "command", "sentence"}
