"""What people copy into their cluster is what Kubernetes accepts, and names only what exists."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

from bot.roles import ROLES
from investigator.settings import Settings

DEPLOY = Path(__file__).parents[2] / "deploy"
KUSTOMIZATION = yaml.safe_load((DEPLOY / "kustomization.yaml").read_text())
MADE_BY_THE_OPERATOR = {"kubernetes/secret.yaml": "kubernetes/secret.example.yaml"}
NEWEST = "1.33"


def _documents() -> Iterator[Any]:
    for name in KUSTOMIZATION["resources"]:
        text = (DEPLOY / MADE_BY_THE_OPERATOR.get(name, name)).read_text()
        yield from (
            pytest.param(document, id=f"{document['kind']}-{document['metadata']['name']}")
            for document in yaml.safe_load_all(text)
        )


DOCUMENTS = [parameter.values[0] for parameter in _documents()]


def _pods() -> dict[str, Any]:
    return {
        document["metadata"]["name"]: document["spec"]["template"]["spec"]
        for document in DOCUMENTS
        if "template" in document.get("spec", {})
    }


@pytest.mark.parametrize("document", list(_documents()))
def test_kubernetes_accepts_it(document: dict[str, Any]) -> None:
    kubernetes_validate.validate(document, NEWEST, strict=True)


def test_every_file_that_is_named_is_there_or_made_by_the_operator() -> None:
    named = [
        *KUSTOMIZATION["resources"],
        *(file for g in KUSTOMIZATION["configMapGenerator"] for file in g["files"]),
    ]
    missing = {name for name in named if not (DEPLOY / name).exists()}
    assert missing <= {*MADE_BY_THE_OPERATOR, "pilot.yml"}


def test_there_is_a_workload_for_every_process_of_the_program() -> None:
    assert set(ROLES) <= set(_pods())
    for role in ROLES:
        assert _pods()[role]["containers"][0]["args"] == [role]


def test_every_setting_that_is_given_to_a_process_exists() -> None:
    secret = next(document for document in DOCUMENTS if document["kind"] == "Secret")
    given = {entry["name"] for role in ROLES for entry in _pods()[role]["containers"][0]["env"]}
    assert {name.lower() for name in given | set(secret["stringData"])} <= set(Settings.model_fields)


def test_nothing_runs_as_root_or_with_more_rights_than_it_needs() -> None:
    for name, pod in _pods().items():
        assert pod["securityContext"]["runAsNonRoot"], name
        for container in pod["containers"]:
            assert container["securityContext"]["capabilities"] == {"drop": ["ALL"]}, name
            assert not container["securityContext"]["allowPrivilegeEscalation"], name
            assert "memory" in container["resources"]["limits"], name


def test_every_workload_may_lose_a_pod_without_losing_its_work() -> None:
    guarded = {
        document["spec"]["selector"]["matchLabels"]["app"]
        for document in DOCUMENTS
        if document["kind"] == "PodDisruptionBudget"
    }
    assert guarded == set(_pods())
    single = [d for d in DOCUMENTS if d.get("spec", {}).get("replicas") == 1]
    assert not single, "a workload of one pod stands still with its machine"


def test_secrets_reach_every_process_as_files_that_may_change() -> None:
    for role in ROLES:
        container = _pods()[role]["containers"][0]
        assert "envFrom" not in container, f"{role}: a variable cannot change while a process runs"
        directory = next(each["value"] for each in container["env"] if each["name"] == "PILOT_SECRETS_DIR")
        mounted = {each["name"]: each["mountPath"] for each in container["volumeMounts"]}
        assert mounted["secrets"] == directory, role
