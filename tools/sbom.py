"""`make sbom`: the packages of the image, as a CycloneDX document on standard output.

From the pinned requirements, so that it says the same wherever it is made: names, versions, licences, the
hashes that pip accepts, and no address that anything was downloaded from.
"""

from __future__ import annotations

import sys
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path
from uuid import NAMESPACE_URL, uuid5

# These come with pip-audit.
from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model import HashAlgorithm, HashType
from cyclonedx.model.bom import Bom, BomMetaData
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.model.license import License
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL
from pip_requirements_parser import InstallRequirement, RequirementsFile

PROGRAM = "incidentpilot"


def bill(requirements: Path, version: str) -> str:
    """The bill of materials of a requirements file whose every line is pinned and hashed.

    Raises:
        ValueError: a line is not.
    """
    lines = RequirementsFile.from_file(str(requirements))
    if lines.invalid_lines:
        raise ValueError(f"{requirements.name}: {lines.invalid_lines[0].line}")
    program = Component(name=PROGRAM, version=version, type=ComponentType.APPLICATION, bom_ref=PROGRAM)
    document = Bom(
        metadata=BomMetaData(component=program),
        components=[_component(requirement) for requirement in lines.requirements],
    )
    document.register_dependency(program, document.components)
    # Named after its content, so that two runs make the same document.
    contents = "\n".join(sorted(str(one.purl) for one in document.components))
    document.serial_number = uuid5(NAMESPACE_URL, contents)
    document.metadata.timestamp = None  # type: ignore[assignment]  # left out for the same reason
    return JsonV1Dot6(document).output_as_string(indent=1) + "\n"


def _component(requirement: InstallRequirement) -> Component:
    if not (requirement.is_pinned and requirement.hash_options):
        raise ValueError(f"{requirement.name} is not pinned with hashes: run `make lock`")
    name, version = requirement.name, requirement.get_pinned_version
    purl = PackageURL("pypi", name=name.lower(), version=version)
    return Component(
        name=name,
        version=version,
        type=ComponentType.LIBRARY,
        purl=purl,
        bom_ref=str(purl),
        hashes=[
            HashType(alg=HashAlgorithm.SHA_256, content=digest.removeprefix("sha256:"))
            for digest in requirement.hash_options
        ],
        licenses=_licences(name),
    )


def _licences(name: str) -> list[License]:
    """What the installed package says of itself, if it is installed and says it by an SPDX expression."""
    try:
        said = metadata(name)
    except PackageNotFoundError:
        return []
    field = "License-Expression"
    return [LicenseFactory().make_from_string(said[field])] if field in said else []


if __name__ == "__main__":
    sys.stdout.write(bill(Path(sys.argv[1]), sys.argv[2]))
