"""What `make audit` and `make sbom` say of the pinned packages."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from packaging.requirements import Requirement

from tools.audit import NOT_REACHABLE, judge
from tools.sbom import bill

ROOT = Path(__file__).parents[2]
SOUND = {"name": "rq", "version": "3.0", "vulns": []}
FLAWED = {"name": "rq", "version": "2.0", "vulns": [{"id": "PYSEC-1", "fix_versions": ["3.0"]}]}
UNKNOWN = {"name": "rq", "skip_reason": "not found"}


def found(*dependencies: object) -> str:
    return json.dumps({"dependencies": dependencies})


def test_a_known_vulnerability_fails_and_says_what_mends_it() -> None:
    verdict = judge(1, found(SOUND, FLAWED, UNKNOWN), "")
    assert not verdict.ok
    assert verdict.lines == ("rq 2.0: PYSEC-1, mended in 3.0",)


def test_sound_packages_pass_and_unknown_ones_are_named() -> None:
    verdict = judge(0, found(SOUND, UNKNOWN), "")
    assert verdict.ok
    assert verdict.lines == ("1 packages, no known vulnerability", "not in the database: rq")


@pytest.mark.parametrize(
    ("output", "errors"),
    [
        (found(UNKNOWN, UNKNOWN), ""),
        ("", "Traceback\nrequests.exceptions.ConnectionError: refused"),
        ("", "ERROR:pip_audit._cli:\npip_audit._service.interface.ConnectionError: no route"),
    ],
)
def test_without_a_way_to_the_database_nothing_fails(output: str, errors: str) -> None:
    verdict = judge(1, output, errors)
    assert verdict.ok
    assert verdict.lines == (NOT_REACHABLE,)


def test_any_other_end_of_the_audit_fails() -> None:
    verdict = judge(2, "", "usage: …\nerror: unrecognized arguments")
    assert not verdict.ok
    assert "unrecognized" in verdict.lines[0]


def test_the_bill_of_materials_is_valid_and_whole_and_names_no_address() -> None:
    made = bill(ROOT / "requirements.txt", "1.2.3")
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(made) is None, "not CycloneDX 1.6"
    assert made == bill(ROOT / "requirements.txt", "1.2.3"), "the same requirements made another document"
    assert [word for word in made.split('"') if "://" in word] == [
        "http://cyclonedx.org/schema/bom-1.6.schema.json"
    ]
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]
    wanted = [*project["dependencies"], *extras["embedded"], *extras["telemetry"]]
    listed = {component["name"].lower() for component in json.loads(made)["components"]}
    assert {Requirement(one).name.lower() for one in wanted} <= listed


def test_what_is_not_pinned_with_hashes_is_refused(tmp_path: Path) -> None:
    loose = tmp_path / "requirements.txt"
    loose.write_text("rq==3.0\n")
    with pytest.raises(ValueError, match="rq is not pinned with hashes"):
        bill(loose, "1")
