import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

PROGRAM = """
import json
import socket
import sys

def no_network(*_):
    raise OSError("this test has no network")

socket.socket.connect = no_network

import evaluate

if sys.argv[1:]:
    sys.path.insert(0, sys.argv[1])
metric = evaluate.load("/".join([*sys.argv[1:], "stages/scoring/evaluate_adapter.py"]))
texts = {
    "predictions": ["의사가 쉬라고 합니다.", ""],
    "references": [["의사는 쉬라고 합니다.", "네."], ["네.", "아니요."]],
}
average = metric.compute(**texts)
best = metric.compute(**texts, variant="sets", multiple="best")
print(json.dumps([average, best]))
"""


@pytest.mark.parametrize("elsewhere", [False, True])
def test_evaluate_loads_the_metric_without_a_network_from_any_folder(tmp_path, elsewhere):
    variables = os.environ | {"HF_HUB_OFFLINE": "1", "HF_HOME": str(tmp_path)}
    variables.pop("PYTHONPATH", None)
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, *([str(ROOT)] if elsewhere else [])],
        cwd=tmp_path if elsewhere else ROOT,
        env=variables,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    average, best = json.loads(done.stdout)
    # 의사 가 쉬 라고 합니다 . against 의사 는 쉬 라고 합니다 . : 5 of 6 and 6 unigrams, 3 of 5
    # bigrams, a subsequence of 5; against 네 . : 1 of 6 and 2, no bigram. The other row is empty.
    unigrams, bigrams = (5 / 6 + 2 / 8) / 2 / 2, (3 / 5) / 2 / 2
    mean = (2 * unigrams + bigrams) / 3
    expected = {"rouge1": unigrams, "rouge2": bigrams, "rougeL": unigrams, "rouge_mean": mean}
    # Two rows are resampled as a fair coin: the bounds are the empty row and the other one.
    expected |= {"rouge_mean_low": 0, "rouge_mean_high": 2 * mean}
    assert {name: average[name] / 100 for name in expected} == pytest.approx(expected)
    assert average["signature"].startswith("rouge|n:2|refs:2|references:average|variant:counts|")
    assert best["signature"].startswith("rouge|n:2|refs:2|references:best|variant:sets|")
    assert set(best) == set(average)
