"""Say which versions of requirements.lock have known holes, or that nobody could be asked.

Started from the root of the clone by `make audit`, with the pip-audit that is given. It asks PyPI's
JSON API for each version, which mirrors of packages lack: what was not answered is a failure.
"""

import json
import subprocess
import sys
from typing import Any

LOCK = "requirements.lock"
SECONDS = 300
"""For all of the lock; one answer may take ANSWER."""
ANSWER = 10


def verdict(report: dict[str, Any]) -> str:
    """Return what is wrong by pip-audit's report; empty where every version was asked for.

    >>> verdict({"dependencies": [{"name": "dvc", "version": "3.67.1", "vulns": []}]})
    ''
    """
    dependencies = report["dependencies"]
    holes = [
        f"{one['name']} {one['version']}: {hole['id']}, mended in "
        + (", ".join(hole["fix_versions"]) or "no version yet")
        for one in dependencies
        for hole in one.get("vulns", [])
    ]
    unknown = [one for one in dependencies if "skip_reason" in one]
    if unknown:
        holes.append(
            f"of {len(unknown)} of {len(dependencies)} versions PyPI's JSON API says nothing "
            f"({unknown[0]['skip_reason']}); run this where it can be reached"
        )
    return "\n".join(holes)


def ask(program: str) -> dict[str, Any]:
    """Return pip-audit's report; raises `SystemExit` with a sentence where there is none."""
    how = ["--disable-pip", "--no-deps", "--progress-spinner", "off", "--timeout", str(ANSWER)]
    command = [program, *how, "--format", "json", "-r", LOCK]
    try:
        done = subprocess.run(
            command, capture_output=True, encoding="utf-8", check=False, timeout=SECONDS
        )
    except subprocess.TimeoutExpired:
        sys.exit(
            f"error: pip-audit had no answer in {SECONDS} s; run this where PyPI can be reached"
        )
    try:
        found: dict[str, Any] = json.loads(done.stdout)
    except ValueError:
        said = done.stderr.strip().splitlines() or ["nothing"]
        sys.exit(f"error: pip-audit gave no report; it said: {said[-1][:300]}")
    return found


if __name__ == "__main__":
    report = ask(sys.argv[1])
    wrong = verdict(report)
    if wrong:
        sys.exit(f"error: {LOCK} is not known to be clean:\n{wrong}")
    print(f"audit: {len(report['dependencies'])} versions of {LOCK}, no known hole")
