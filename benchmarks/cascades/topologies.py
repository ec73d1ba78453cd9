"""Who calls whom: three published systems, and layered ones drawn at random.

Written from the public descriptions of the systems (service names and calls are facts about them):
Online Boutique: the architecture table of GoogleCloudPlatform/microservices-demo. Social network: the figure
and the compose file of delimitrou/DeathStarBench `socialNetwork`. Train Ticket: the service list of
FudanSELab/train-ticket and its wiki's dependency figure, of which the booking half is here.
"""

from __future__ import annotations

import random
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

STORE_KINDS = ("postgres", "mysql", "redis", "mongodb", "kafka", "rabbitmq", "elasticsearch")


@dataclass(frozen=True, slots=True)
class Topology:
    """Services and stores (`kind:name`), with what each service depends on directly."""

    name: str
    depends_on: dict[str, tuple[str, ...]]
    domains: dict[str, int] = field(default_factory=dict)  # node → the domain it was drawn for

    @property
    def services(self) -> list[str]:
        return sorted(self.depends_on)

    @property
    def stores(self) -> list[str]:
        return sorted({on for others in self.depends_on.values() for on in others if ":" in on})

    def below(self, node: str) -> set[str]:
        """The node, and all that it depends on, however far."""
        return _below(node, self.depends_on)

    def callers(self, node: str) -> list[str]:
        return sorted(service for service, others in self.depends_on.items() if node in others)


def _below(node: str, depends_on: Mapping[str, Collection[str]]) -> set[str]:
    found, front = {node}, [node]
    while front:
        further = [on for on in depends_on.get(front.pop(), ()) if on not in found]
        found.update(further)
        front.extend(further)
    return found


def _topology(name: str, text: str) -> Topology:
    depends_on: dict[str, tuple[str, ...]] = {}
    for line in text.strip().splitlines():
        service, _, others = line.strip().partition(" > ")
        depends_on[service] = tuple(others.split())
    for called in list(depends_on.values()):
        for one in called:
            if ":" not in one:
                depends_on.setdefault(one, ())
    return Topology(name, depends_on)


ONLINE_BOUTIQUE = _topology(
    "online boutique",
    """
    frontend > adservice cartservice checkoutservice currencyservice productcatalogservice recommendationservice shippingservice
    checkoutservice > cartservice currencyservice emailservice paymentservice productcatalogservice shippingservice
    recommendationservice > productcatalogservice
    cartservice > redis:cart
    """,  # noqa: E501  (a row a service reads better than a wrapped one)
)
SOCIAL_NETWORK = _topology(
    "social network",
    """
    nginx-thrift > compose-post-service home-timeline-service user-timeline-service user-service social-graph-service
    compose-post-service > text-service media-service unique-id-service user-service post-storage-service user-timeline-service home-timeline-service redis:compose-post
    text-service > url-shorten-service user-mention-service
    url-shorten-service > mongodb:url-shorten
    user-mention-service > mongodb:user
    media-service > mongodb:media
    user-service > mongodb:user social-graph-service
    social-graph-service > mongodb:social-graph redis:social-graph
    post-storage-service > mongodb:post-storage
    home-timeline-service > redis:home-timeline post-storage-service social-graph-service
    user-timeline-service > mongodb:user-timeline redis:user-timeline post-storage-service
    write-home-timeline-service > rabbitmq:write-home-timeline redis:home-timeline social-graph-service
    """,  # noqa: E501
)
TRAIN_TICKET = _topology(
    "train ticket",
    """
    ts-ui-dashboard > ts-travel-service ts-travel2-service ts-preserve-service ts-preserve-other-service ts-order-service ts-order-other-service ts-auth-service ts-cancel-service ts-rebook-service ts-inside-payment-service ts-execute-service ts-consign-service ts-travel-plan-service
    ts-preserve-service > ts-contacts-service ts-travel-service ts-station-service ts-order-service ts-food-service ts-consign-service ts-assurance-service ts-security-service ts-seat-service ts-user-service ts-notification-service
    ts-preserve-other-service > ts-contacts-service ts-travel2-service ts-station-service ts-order-other-service ts-food-service ts-consign-service ts-assurance-service ts-security-service ts-seat-service ts-user-service ts-notification-service
    ts-travel-service > ts-basic-service ts-seat-service ts-route-service ts-train-service ts-order-service mongodb:ts-travel
    ts-travel2-service > ts-basic-service ts-seat-service ts-route-service ts-train-service ts-order-other-service mongodb:ts-travel2
    ts-travel-plan-service > ts-route-plan-service ts-seat-service ts-station-service ts-train-service
    ts-route-plan-service > ts-route-service ts-station-service ts-travel-service ts-travel2-service
    ts-basic-service > ts-station-service ts-train-service ts-route-service ts-price-service
    ts-seat-service > ts-config-service ts-order-service ts-order-other-service
    ts-order-service > ts-station-service mysql:ts-order
    ts-order-other-service > ts-station-service mysql:ts-order-other
    ts-cancel-service > ts-order-service ts-order-other-service ts-inside-payment-service ts-notification-service
    ts-rebook-service > ts-order-service ts-order-other-service ts-travel-service ts-seat-service ts-inside-payment-service
    ts-inside-payment-service > ts-order-service ts-order-other-service ts-payment-service mysql:ts-inside-payment
    ts-payment-service > mysql:ts-payment
    ts-execute-service > ts-order-service ts-order-other-service
    ts-auth-service > ts-verification-code-service mysql:ts-auth
    ts-user-service > ts-auth-service mysql:ts-user
    ts-security-service > ts-order-service ts-order-other-service mysql:ts-security
    ts-consign-service > ts-consign-price-service mysql:ts-consign
    ts-food-service > ts-station-food-service ts-train-food-service ts-travel-service mysql:ts-food
    ts-notification-service > rabbitmq:ts-notification
    ts-contacts-service > mysql:ts-contacts
    ts-station-service > mysql:ts-station
    ts-route-service > mysql:ts-route
    ts-train-service > mysql:ts-train
    ts-price-service > mysql:ts-price
    ts-config-service > mysql:ts-config
    ts-assurance-service > mysql:ts-assurance
    """,  # noqa: E501
)
PUBLISHED = (ONLINE_BOUTIQUE, SOCIAL_NETWORK, TRAIN_TICKET)

_WORDS_TEXT = """
account address audit basket billing booking campaign card carrier catalog claim contact content coupon
customer delivery device discount dispatch document driver export fraud geo identity image import
inventory invoice ledger limit listing loyalty mail map media member menu message metric notify offer
order partner payment payout photo policy price product profile promo quote rating receipt refund region
report return review reward risk route sales schedule search session shipment stock store subscription
supplier tariff tax template ticket token tracking trip user vehicle vendor video voucher wallet
warehouse
"""
_WORDS = _WORDS_TEXT.split()
_ENDINGS = ("", "-service", "-api", "-svc", "-worker", "-engine", "-manager", "s")


def layered(
    rng: random.Random, *, domains: int = 3, services: int = 27, stores: int = 6, crossing: int = 0
) -> Topology:
    """Domains of layered services under one gateway; some calls skip a layer, `crossing` leave the domain."""
    names = _names(rng, services, _ENDINGS)
    store_names = [f"{rng.choice(STORE_KINDS)}:{name}" for name in _names(rng, stores, ("", "-db", "-main"))]
    depends_on: dict[str, set[str]] = {"gateway": set(), **{name: set() for name in names}}
    parts = [(names[i::domains], store_names[i::domains]) for i in range(domains)]
    for own, own_stores in parts:
        layers = _layers(rng, own)
        depends_on["gateway"].update(layers[0])
        for index, layer in enumerate(layers[1:], 1):
            above = layers[index - 1]
            for callee in layer:
                callers = rng.sample(above, min(len(above), rng.randint(1, 3)))
                if index > 1 and rng.random() < 0.15:
                    callers.append(rng.choice(layers[index - 2]))
                for caller in callers:
                    depends_on[caller].add(callee)
        users = [service for layer in layers[1:] for service in layer] or own
        for store in own_stores:
            for user in rng.sample(users, min(len(users), rng.randint(1, 4))):
                depends_on[user].add(store)
    for _ in range(crossing):
        one, other = rng.sample(range(domains), 2)
        caller, callee = rng.choice(parts[one][0]), rng.choice(parts[other][0][len(parts[other][0]) // 2 :])
        if caller not in _below(callee, depends_on):
            depends_on[caller].add(callee)
    return Topology(
        "layered",
        {name: tuple(sorted(others)) for name, others in depends_on.items()},
        {node: index for index, part in enumerate(parts) for nodes in part for node in nodes},
    )


def _layers(rng: random.Random, names: list[str]) -> list[list[str]]:
    wide = max(len(names) // rng.randint(3, 4), 1)
    return [names[i : i + wide] for i in range(0, len(names), wide)]


def _names(rng: random.Random, count: int, endings: tuple[str, ...]) -> list[str]:
    found: dict[str, None] = {}
    while len(found) < count:
        word = rng.choice(_WORDS)
        if len(found) > len(_WORDS) // 2 or rng.random() < 0.3:
            word = f"{word}-{rng.choice(_WORDS)}"
        found[word + rng.choice(endings)] = None
    return list(found)
