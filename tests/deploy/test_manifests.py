"""What people copy into their cluster is what Kubernetes accepts, and names only what exists."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import kubernetes_validate
import pytest
import yaml

from bot.roles import ROLES
from bot.web import SHUTDOWN_SECONDS
from investigator.inbox import ANSWER_SECONDS
from investigator.queue import JOB_SECONDS
from investigator.settings import Settings

DEPLOY = Path(__file__).parents[2] / "deploy"
COMPOSED = yaml.safe_load((DEPLOY / "compose.yml").read_text())["services"]
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


def _environment(role: str) -> dict[str, str]:
    return {entry["name"]: entry.get("value", "") for entry in _pods()[role]["containers"][0]["env"]}


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


def _needed(environment: dict[str, str]) -> dict[str, float]:
    """Seconds from SIGTERM to the end, at most, by role."""
    answers = float(environment["PILOT_DRAIN_SECONDS"]) + SHUTDOWN_SECONDS + ANSWER_SECONDS
    return {"web": answers, "triage": 5, "worker": JOB_SECONDS, "clock": 5}


def test_nothing_is_killed_before_it_could_finish_what_it_does() -> None:
    for role, seconds in _needed(_environment("web")).items():
        assert _pods()[role]["terminationGracePeriodSeconds"] >= seconds, role
    for name, service in COMPOSED.items():
        if service["command"][0] in ROLES:
            seconds = _needed(service["environment"])[service["command"][0]]
            assert int(service["stop_grace_period"].removesuffix("s")) >= seconds, name


def test_trial_webhooks_of_the_clock_reach_a_web() -> None:
    services = {
        document["metadata"]["name"]: document for document in DOCUMENTS if document["kind"] == "Service"
    }
    to = urlsplit(_environment("clock")["PILOT_CANARY_URL"])
    assert services[to.hostname or ""]["spec"]["selector"] == {"app": "web"}
    assert (to.port or 80, to.path) == (services["web"]["spec"]["ports"][0]["port"], "/sentry/webhook")

    clock = COMPOSED["clock"]["environment"]
    to = urlsplit(clock["PILOT_CANARY_URL"])
    webs = [service for service in COMPOSED.values() if service["command"] == ["web"]]
    assert all(to.hostname in service["networks"]["inside"]["aliases"] for service in webs)
    assert (str(to.port), to.path) == (clock["PILOT_PORT"], "/sentry/webhook")


def test_what_keeps_nothing_may_write_all_the_same() -> None:
    user = "10001"
    assert f"USER {user}:{user}" in (DEPLOY.parent / "Dockerfile").read_text()
    for name, service in COMPOSED.items():
        if service["command"][0] in ROLES:
            mounts = {mount.split(":")[1] for mount in service["volumes"]}
            own = [mount for mount in service["tmpfs"] if mount.startswith("/data:")]
            assert "/data" in mounts or f"uid={user},gid={user}" in own[0], f"{name}: /data is root's"
