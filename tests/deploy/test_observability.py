"""Dashboard and alert rules ask only for metrics and labels that `/metrics` has."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import prometheus_client
import pytest
import yaml

from investigator import counters
from investigator.canary.level import Canary
from investigator.health.gauges import gauges
from investigator.health.snapshot import Budget, Circuit, Flow, Place, Snapshot, StoreLook
from investigator.histograms import HISTOGRAMS
from investigator.metrics import WEBHOOK_DELIVERIES

HERE = Path(__file__).parents[2] / "deploy" / "observability"
NOW = 1_800_000_000.0
_EVERYTHING = Snapshot(
    at=NOW,
    store=StoreLook(reachable=True),
    flow=Flow(
        clock_at=NOW,
        swept_until=NOW,
        circuits=(Circuit("openai", "x"),),
        budgets=(Budget("ab12", "core", 1, 2, NOW + 1),),
        canary=Canary(sent_at=NOW, passed_at=NOW, sent=1, passed=1),
    ),
    own=Place("web-1", NOW),
)


def offered() -> dict[str, set[str]]:
    """Every name that can be asked for, with its labels."""
    found: dict[str, set[str]] = {}
    WEBHOOK_DELIVERIES.labels("stored")  # it has no sample before the first delivery
    for family in prometheus_client.REGISTRY.collect():
        for sample in family.samples:
            found.setdefault(sample.name, set()).update(sample.labels)
    for family in gauges(_EVERYTHING):
        found[family.name] = {label for sample in family.samples for label in sample.labels}
    for counter in counters.ALL:
        found[f"{counter.name}_total"] = set(counter.labels)
    for histogram in HISTOGRAMS:
        found |= {f"{histogram.name}_{part}": {"le"} for part in ("bucket", "sum", "count")}
    return found


def expressions() -> Iterator[tuple[str, str]]:
    """(where, PromQL) of every panel and every rule."""
    dashboard = json.loads((HERE / "dashboard.json").read_text())
    for panel in dashboard["panels"]:
        for target in panel.get("targets", []):
            yield panel["title"], target["expr"]
    for group in yaml.safe_load((HERE / "alerts.yml").read_text())["groups"]:
        for rule in group["rules"]:
            yield rule["alert"], rule["expr"]


@pytest.mark.parametrize(("where", "expression"), list(expressions()))
def test_what_is_asked_for_is_there(where: str, expression: str) -> None:
    metrics = offered()
    names = set(re.findall(r"\bpilot_\w+", expression))
    assert names, f"{where} asks for none of our metrics"
    assert names <= set(metrics), f"{where} asks for what does not exist"
    grouped = re.findall(r"\bby \(([^)]*)\)", expression)
    matched = re.findall(r"(\w+)\s*(?:=~|!=|!~|=)\s*\"", expression)
    asked = {label.strip() for group in grouped for label in group.split(",")} | set(matched)
    assert asked <= set().union(*(metrics[name] for name in names)), f"{where} asks for unknown labels"


def test_legends_name_labels_that_the_query_keeps() -> None:
    for panel in json.loads((HERE / "dashboard.json").read_text())["panels"]:
        for target in panel.get("targets", []):
            for label in re.findall(r"{{(\w+)}}", target["legendFormat"]):
                assert re.search(rf"by \([^)]*\b{label}\b", target["expr"]), f"{panel['title']}: {label}"


def test_every_metric_of_ours_is_on_the_dashboard() -> None:
    shown = " ".join(expression for _, expression in expressions())
    families = {
        re.sub(r"_(total|bucket|sum|count|created)$", "", name) for name in offered() if name[:6] == "pilot_"
    }
    missing = {name for name in families if name not in shown}
    assert missing <= {
        "pilot_clock_age_seconds",
        "pilot_github_cache",
        "pilot_reconcile_age_seconds",
        "pilot_spool_bytes",
        "pilot_triage_active",
    }, "those are judged by findings, the others belong on the dashboard"


def test_runbook_anchors_of_alerts_lead_somewhere() -> None:
    runbook = (HERE.parents[1] / "docs" / "operations.md").read_text()
    for anchor in re.findall(r"docs/operations\.md#([\w-]+)", (HERE / "alerts.yml").read_text()):
        assert f"### {anchor}\n" in runbook


@pytest.mark.skipif(not shutil.which("promtool"), reason="promtool is not installed")
def test_prometheus_takes_the_rules() -> None:
    command = ["promtool", "check", "rules", str(HERE / "alerts.yml")]
    checked = subprocess.run(command, capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stderr


def test_workers_are_scaled_by_a_metric_that_exists() -> None:
    scaler = yaml.safe_load((HERE.parent / "kubernetes" / "autoscaling.yaml").read_text())
    wanted = {metric["external"]["metric"]["name"] for metric in scaler["spec"]["metrics"]}
    assert wanted <= set(offered())
    assert all(name in (HERE.parents[1] / "docs" / "deploy.md").read_text() for name in wanted)
