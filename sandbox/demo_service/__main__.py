"""`python -m sandbox.demo_service DIR`: build the service, crash it, and say where everything is."""

from __future__ import annotations

import argparse
import json
import sys
from datetime import UTC, datetime
from pathlib import Path

from sandbox.demo_service import DemoFailed, build, crash
from sandbox.demo_service.scenarios import SCENARIOS


def main() -> int:
    options = _parser().parse_args()
    folder: Path = options.folder
    try:
        service = build(folder, now=options.now)
        for name in SCENARIOS:
            event = crash(service, name).event
            written = json.dumps(event, indent=2, ensure_ascii=False) + "\n"
            (folder / f"event-{name}.json").write_text(written, encoding="utf-8")
    except FileExistsError:
        sys.stderr.write(f"{folder / 'checkout.git'} is already there: name another folder, or remove it\n")
        return 2
    except DemoFailed as error:
        sys.stderr.write(f"{error}\n")
        return 1
    lines = {
        "repository": service.repository,
        "host's history": service.history,
        "head": service.head_sha,
        "deployed": f"{service.deployed_sha} at {service.deployed_at.isoformat()}",
        "deployed before": service.base_sha,
        "culprit": f"{service.culprit_sha} (pull request {service.culprit_pull_request})",
        **{f"event: {name}": folder / f"event-{name}.json" for name in SCENARIOS},
    }
    sys.stdout.writelines(f"{name:<16} {value}\n" for name, value in lines.items())
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m sandbox.demo_service", description=__doc__)
    parser.add_argument("folder", type=Path, help="where to put it; made if missing")
    parser.add_argument(
        "--now",
        type=_instant,
        default=datetime.now(UTC),
        help="the moment of the incident, ISO 8601; the same moment gives the same commit ids",
    )
    return parser


def _instant(text: str) -> datetime:
    at = datetime.fromisoformat(text)
    return at if at.tzinfo else at.replace(tzinfo=UTC)


if __name__ == "__main__":
    sys.exit(main())
