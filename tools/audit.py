"""`make audit`: do the pinned requirements have known vulnerabilities?

Exit code 1 when one has, or when that could not be found out for a reason of our own. Without a way to an
advisory database nothing is known, which must not stop work: that is said in one line.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

PATIENCE_SECONDS = 120
SOCKET_SECONDS = 5
NOT_REACHABLE = "skipped: advisory database not reachable"
_AWAY = ("ConnectionError", "ConnectTimeout", "ReadTimeout", "ServiceError", "NameResolutionError")


@dataclass(frozen=True, slots=True)
class Verdict:
    ok: bool
    lines: tuple[str, ...]


def judge(code: int, output: str, errors: str) -> Verdict:
    """What `pip-audit --format json` found, from its exit code and its two streams."""
    try:
        dependencies = json.loads(output)["dependencies"]
    except (ValueError, KeyError):
        last = errors.strip().rpartition("\n")[2]
        if any(name in errors for name in _AWAY):
            return Verdict(True, (NOT_REACHABLE,))
        return Verdict(False, (f"pip-audit ended with {code}: {last}",))
    vulnerable = tuple(
        f"{one['name']} {one['version']}: {flaw['id']}, {_mended(flaw['fix_versions'])}"
        for one in dependencies
        for flaw in one.get("vulns", ())
    )
    unknown = [one["name"] for one in dependencies if "skip_reason" in one]
    if vulnerable:
        return Verdict(False, vulnerable)
    if len(unknown) == len(dependencies):  # a mirror of packages that keeps no advisories
        return Verdict(True, (NOT_REACHABLE,))
    known = f"{len(dependencies) - len(unknown)} packages, no known vulnerability"
    return Verdict(True, (known, *(f"not in the database: {name}" for name in unknown)))


def _mended(versions: Sequence[str]) -> str:
    return f"mended in {', '.join(versions)}" if versions else "not mended yet"


def audit(requirements: Path) -> Verdict:
    """Ask the advisory database about every pinned package of a requirements file."""
    command = [sys.executable, "-m", "pip_audit", "--requirement", str(requirements), "--require-hashes"]
    options = ["--disable-pip", "--progress-spinner", "off", "--format", "json"]
    try:
        ran = subprocess.run(
            [*command, *options, "--timeout", str(SOCKET_SECONDS)],
            capture_output=True,
            text=True,
            timeout=PATIENCE_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return Verdict(True, (NOT_REACHABLE,))
    return judge(ran.returncode, ran.stdout, ran.stderr)


if __name__ == "__main__":
    found = audit(Path(sys.argv[1]))
    sys.stdout.write("".join(f"audit: {line}\n" for line in found.lines))
    sys.exit(not found.ok)
