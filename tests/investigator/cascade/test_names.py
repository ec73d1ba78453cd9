"""Which node a host in an error means."""

from __future__ import annotations

import pytest

from investigator.cascade.names import Directory, uncharted
from investigator.models.cascade import Target, TargetKind

NODES = ["payments", "order-service", "search-api", "postgres:orders-db", "redis:sessions", "kafka:orders"]


def target(kind: TargetKind, name: str) -> Target:
    return Target(kind=kind, name=name, symptom="refused")


@pytest.mark.parametrize(
    ("kind", "name", "nodes"),
    [
        ("service", "payments", ["payments"]),
        ("service", "payments.shop.svc.cluster.local", ["payments"]),
        ("service", "PAYMENTS-api.internal", ["payments"]),
        ("service", "order-service", ["order-service"]),
        ("postgres", "orders-db.abc.eu-west-1.rds.amazonaws.com", ["postgres:orders-db"]),
        ("kafka", "kafka-orders-0", ["kafka:orders"]),
        ("redis", "prod-sessions-redis", ["redis:sessions"]),
        ("service", "sessions", ["redis:sessions"]),
        ("redis", "payments", []),
        ("postgres", "10.3.0.7", []),
        ("host", "ip-10-3-0-7.ec2.internal", []),
        ("service", "unheard-of", []),
    ],
)
def test_a_host_means_the_node_it_is_called_after(kind: TargetKind, name: str, nodes: list[str]) -> None:
    assert Directory(NODES).find(name, target(kind, name)) == nodes


@pytest.mark.parametrize(
    ("kind", "name", "node"),
    [
        ("service", "billing.shop.svc.cluster.local", "billing"),
        ("service", "api.stripe.com", "api.stripe.com"),
        ("postgres", "db-7.internal", "postgres:db-7.internal"),
        ("host", "10.0.0.1", "10.0.0.1"),
    ],
)
def test_what_no_catalogue_knows_gets_a_name_of_its_own(kind: TargetKind, name: str, node: str) -> None:
    assert uncharted(target(kind, name)) == node
