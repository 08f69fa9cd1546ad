"""A real DVC project whose stages take a moment: what they write has the shape of ours.

Its score depends on `train.lr` (best at 2e-3), a little on `train.seed`, and differs by dialogue.
From 0.1 on training fails. Every training adds its seed to trainings.log beside the project, and
goes on for as long as a file `wait` lies there.
"""

import subprocess
import sys
from pathlib import Path

from tests.repository import commit, dvc, environment, start_git

STAGES = """
import csv, hashlib, json, pathlib, random, sys, time
from ruamel.yaml import YAML

def write(path, content):
    pathlib.Path(path).parent.mkdir(parents=True, exist_ok=True)
    pathlib.Path(path).write_text(content if isinstance(content, str) else json.dumps(content))

params = YAML(typ="safe").load(pathlib.Path("params.yaml"))
train, beams = params["train"], params["generate"]["num_beams"]
if sys.argv[1] == "clean":
    facts = {}
    for split in ("train", "dev"):
        content = pathlib.Path(f"data/raw/{split}.csv").read_bytes()
        facts[split] = {"md5": hashlib.md5(content).hexdigest(), "read": content.count(b"\\n")}
    write("metrics/clean.json", facts)
if sys.argv[1] == "train":
    if train["lr"] > 0.1:
        sys.exit("error: the loss is not a number from step 3 on; lower train.lr")
    with open("FOLDER/trainings.log", "a") as log:
        log.write(f"{train['seed']}\\n")
    while pathlib.Path("FOLDER/wait").exists():
        time.sleep(0.05)
    write("models/summarizer/weights", json.dumps(train))
    weights = hashlib.sha256(json.dumps(train).encode()).hexdigest()[:16]
    write("metrics/train.json", {"weights": weights, "greedy_rouge_mean": 30 + beams})
if sys.argv[1] == "evaluate":
    noise = random.Random(json.dumps(train))
    bonus = 4 - abs(train["lr"] - 2e-3) * 1000 + noise.gauss(0, 0.3) + beams / 10
    rows = []
    for i in range(60):
        base = 30 + random.Random(i).gauss(0, 8) + bonus + noise.gauss(0, 2)
        rows.append([f"dev_{i}", "대화", "요약", base + 5, base - 5, base, base])
    pathlib.Path("data/predictions/scored").mkdir(parents=True, exist_ok=True)
    with open("data/predictions/scored/dev.csv", "w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow("id dialogue prediction rouge1 rouge2 rougeL rouge_mean".split())
        writer.writerows(rows)
    mean = sum(row[-1] for row in rows) / len(rows)
    write("metrics/evaluate.json", {
        "rouge1": mean + 5, "rouge2": mean - 5, "rougeL": mean, "rouge_mean": mean,
        "rouge_mean_low": mean - 2, "rouge_mean_high": mean + 2, "n": len(rows),
        "signature": f"rouge|n:60|variant:{params['rouge']['variant']}",
    })
    write("metrics/floors.json", {"longest_turn": 19.4, "constant": 32.1})
"""

PARAMS = """\
data:
  dir: data/raw
model:
  name: scratch
train:
  seed: 42
  lr: 1.0e-3
  batch_size: 16
generate:
  num_beams: 4
rouge:
  variant: counts
tune:
  trials: 0
"""

DVC = """\
stages:
  clean:
    cmd: python toy.py clean
    deps: [data/raw, toy.py]
    params: [data]
    outs: [metrics/clean.json]
  train:
    cmd: python toy.py train
    deps: [metrics/clean.json]
    params: [model, train]
    outs: [models/summarizer, metrics/train.json]
  evaluate:
    cmd: python toy.py evaluate
    deps: [models/summarizer]
    params: [generate, rouge]
    outs: [data/predictions/scored, metrics/evaluate.json, metrics/floors.json]
metrics: [metrics/evaluate.json, metrics/floors.json, metrics/train.json, metrics/clean.json]
"""


def make_project(folder: Path) -> Path:
    """Make the project in `folder`/project, run and committed, and return where it is."""
    project = folder / "project"
    files = {
        "toy.py": STAGES.replace("FOLDER", str(folder)),
        "params.yaml": PARAMS,
        "dvc.yaml": DVC,
        "data/raw/train.csv": "fname\ntrain_0\n",
        "data/raw/dev.csv": "fname\n" + "".join(f"dev_{i}\n" for i in range(60)),
        ".dvc/config": "[core]\n    analytics = false\n    check_update = false\n",
        ".dvc/.gitignore": "/config.local\n/tmp\n/cache\n",
        ".dvcignore": "",
    }
    for name, content in files.items():
        path = project / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
    start_git(project)
    commit(project)
    dvc(project, "repro", "--quiet")
    commit(project)
    return project


def running(project: Path, module: str, *arguments: str) -> subprocess.Popen[bytes]:
    """Start a command of ours in a process group of its own."""
    command = [sys.executable, "-m", f"stages.{module}", *arguments]
    return subprocess.Popen(command, cwd=project, env=environment(project), start_new_session=True)
