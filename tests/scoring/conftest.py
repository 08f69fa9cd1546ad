"""The real Korean dev set, where it lies beside the project."""

import csv
from pathlib import Path

import pytest

DEV = Path(__file__).resolve().parents[2] / "../shared/data/ko/dev.csv"


@pytest.fixture(scope="session")
def dev_rows() -> list[dict[str, str]]:
    if not DEV.exists():
        pytest.skip("the real dev set is not beside the project (../shared/data/ko/dev.csv)")
    with DEV.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
