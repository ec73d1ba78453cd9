"""The event tells the truth about a crash that really happened in the deployed code."""

from __future__ import annotations

import dataclasses
import json
import sys
import tempfile
from typing import TYPE_CHECKING, Any

import pytest

from sandbox.demo_service import DemoFailed, DemoService, Incident, crash

if TYPE_CHECKING:
    from tests.sandbox.demo_service.conftest import Git


@pytest.fixture(scope="module")
def coupon(service: DemoService) -> Incident:
    return crash(service)


@pytest.fixture(scope="module")
def upstream(service: DemoService) -> Incident:
    return crash(service, "upstream", sentry_url="http://127.0.0.1:9000/")


def frames_of(incident: Incident) -> list[dict[str, Any]]:
    frames: list[dict[str, Any]] = incident.event["exception"]["values"][-1]["stacktrace"]["frames"]
    return frames


def test_the_stack_runs_from_the_request_to_the_crash(coupon: Incident) -> None:
    (error,) = coupon.event["exception"]["values"]
    assert (error["type"], error["mechanism"]["handled"]) == ("TypeError", False)
    assert [(frame["function"], frame["in_app"]) for frame in frames_of(coupon)] == [
        ("__call__", True),
        ("dispatch", True),
        ("create_quote", True),
        ("inner", False),
        ("price_cart", True),
        ("coupon_discount", True),
        ("take_units", True),
    ]
    assert frames_of(coupon)[-2]["vars"]["left"] == "None", "the value that kills it is visible one call up"


def test_frames_quote_the_deployed_code(service: DemoService, git: Git, coupon: Incident) -> None:
    for frame in frames_of(coupon):
        if not frame["in_app"]:
            continue
        assert frame["abs_path"] == f"/srv/app/{frame['filename']}"
        lines = git("show", f"{service.deployed_sha}:{frame['filename']}").splitlines()
        first = frame["lineno"] - 1 - len(frame["pre_context"])
        quoted = [*frame["pre_context"], frame["context_line"], *frame["post_context"]]
        assert lines[first : first + len(quoted)] == quoted, f"{frame['filename']} is misquoted"


def test_naive_rules_blame_somebody_else(service: DemoService, git: Git, coupon: Incident) -> None:
    in_deploy = git("log", "--format=%H", f"{service.base_sha}..{service.deployed_sha}").split()
    blamed = {
        frame["function"]: blame(git, service.deployed_sha, frame)
        for frame in frames_of(coupon)
        if frame["in_app"]
    }
    assert blamed["take_units"] not in in_deploy, "the crashing line is old"
    newest_blamed = max(blamed.values(), key=lambda sha: int(git("log", "-1", "--format=%ct", sha)))
    newest_in_file = git("log", "-1", "--format=%H", service.deployed_sha, "--", "checkout/pricing/units.py")
    for innocent in (newest_blamed, newest_in_file, in_deploy[0]):
        assert innocent in in_deploy
        assert innocent != service.culprit_sha, "a naive rule finds the culprit"
    assert service.culprit_sha in blamed.values(), "the stack passes through the culprit"


def blame(git: Git, commit: str, frame: dict[str, Any]) -> str:
    lines = f"{frame['lineno']},{frame['lineno']}"
    return git("blame", "--porcelain", "-L", lines, commit, "--", frame["filename"]).split()[0]


def test_the_event_is_dated_shortly_after_the_deploy(service: DemoService, coupon: Incident) -> None:
    assert 0 < coupon.event["timestamp"] - service.deployed_at.timestamp() < 720
    crumbs = coupon.event["breadcrumbs"]["values"]
    assert [crumb["message"] for crumb in crumbs][-1] == "coupon SPRING10 takes 10 percent off"
    assert all(crumb["timestamp"] <= coupon.event["timestamp"] for crumb in crumbs)


def test_an_event_has_what_an_alert_carries(service: DemoService, coupon: Incident) -> None:
    event = coupon.event
    tags = dict(event["tags"])
    assert event["release"] == tags["release"] == service.deployed_sha
    assert tags["environment"] == "production"
    assert tags["server_name"].startswith("checkout-")
    assert isinstance(event["project"], int)
    assert event["issue_url"].endswith(f"/issues/{event['issue_id']}/")
    assert len(event["contexts"]["trace"]["trace_id"]) == 32
    json.dumps([event, coupon.api_event, coupon.issue])


def test_the_api_tells_of_the_same_event(coupon: Incident) -> None:
    api = {entry["type"]: entry["data"] for entry in coupon.api_event["entries"]}
    ours, theirs = frames_of(coupon), api["exception"]["values"][-1]["stacktrace"]["frames"]
    assert [frame["lineNo"] for frame in theirs] == [frame["lineno"] for frame in ours]
    for mine, answered in zip(ours, theirs, strict=True):
        assert [mine["lineno"], mine["context_line"]] in answered["context"]
    assert coupon.api_event["eventID"] == coupon.event["event_id"]
    assert coupon.issue["id"] == coupon.event["issue_id"] == coupon.api_event["groupID"]
    assert coupon.issue["title"] == coupon.event["title"]
    assert coupon.issue["count"] == "14"


def test_an_outage_of_the_provider_is_a_chain(upstream: Incident) -> None:
    cause, outermost = upstream.event["exception"]["values"]
    assert (cause["type"], outermost["type"]) == ("ConnectionRefusedError", "PaymentUnavailable")
    assert cause["mechanism"]["parent_id"] == outermost["mechanism"]["exception_id"] == 0
    assert frames_of(upstream)[-1]["filename"] == "checkout/payments.py"
    assert upstream.event["web_url"].startswith("http://127.0.0.1:9000/organizations/acme/issues/")


def test_no_suspect_commit_touches_the_outage(service: DemoService, git: Git, upstream: Incident) -> None:
    touched = git("diff", "--name-only", service.base_sha, service.deployed_sha).split()
    assert "checkout/payments.py" not in touched
    assert "checkout/orders.py" not in touched


def test_no_event_tells_where_it_was_made(coupon: Incident, upstream: Incident) -> None:
    told = json.dumps([dataclasses.asdict(coupon), dataclasses.asdict(upstream)])
    for place in (tempfile.gettempdir(), sys.prefix, sys.base_prefix, "raise_and_report"):
        assert f"{place}/" not in told, f"the event names {place}"


def test_code_without_the_bug_does_not_crash(service: DemoService) -> None:
    healthy = dataclasses.replace(service, deployed_sha=service.base_sha)
    with pytest.raises(DemoFailed, match="answered the request"):
        crash(healthy)


def test_code_that_is_not_there_is_named(service: DemoService) -> None:
    with pytest.raises(DemoFailed, match="git checkout ended"):
        crash(dataclasses.replace(service, deployed_sha="0" * 40))
