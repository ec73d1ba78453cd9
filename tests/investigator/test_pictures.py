from __future__ import annotations

import struct
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

from investigator.pictures import (
    Dependency,
    ServiceTimes,
    dependency_alt,
    dependency_picture,
    timeline_alt,
    timeline_picture,
)
from investigator.pictures.lettering import readable

T0 = datetime(2026, 11, 24, 14, 2, tzinfo=UTC)
ROWS = [
    ServiceTimes(service="checkout", alerts=(T0, T0 + timedelta(minutes=4))),
    ServiceTimes(
        service="payments", alerts=(T0 + timedelta(seconds=30),), deploys=(T0 - timedelta(minutes=3),)
    ),
]
EDGES = [
    Dependency(caller="checkout", callee="payments"),
    Dependency(caller="payments", callee="postgres:orders", learned=True),
    Dependency(caller="cart", callee="checkout"),
    Dependency(caller="payments", callee="checkout"),
]


def size(png: bytes) -> tuple[int, int]:
    assert png.startswith(b"\x89PNG\r\n"), "not a PNG"
    width, height = struct.unpack(">II", png[16:24])
    return width, height


def many(number: int) -> list[ServiceTimes]:
    return [
        ServiceTimes(service=f"service-{place}", alerts=(T0 + timedelta(seconds=place),) * (place + 1))
        for place in range(number)
    ]


def test_pictures_are_as_wide_as_their_type_was_chosen_for() -> None:
    timeline = timeline_picture(ROWS, root="payments")
    dependencies = dependency_picture(EDGES, root="postgres:orders", failing=["checkout", "payments"])

    assert size(timeline)[0] == size(dependencies)[0] == 800


def test_a_row_more_makes_the_timeline_higher_until_forty() -> None:
    heights = [size(timeline_picture(many(number), root=None))[1] for number in (2, 3, 40, 41, 300)]

    assert heights[0] < heights[1] < heights[2] < heights[3], "services are missing from the picture"
    assert heights[3] == heights[4], "beyond forty services only their number may be added"


def test_the_alternative_text_says_what_the_picture_shows() -> None:
    assert timeline_alt(ROWS, root="payments") == (
        "Alerts by service over time, 13:59 to 14:06 UTC: payments (likely root) 1 and 1 deploy, checkout 2."
    )
    assert dependency_alt(
        EDGES, root="postgres:orders", failing=["payments", "checkout"], healthy=["cart"]
    ) == (
        "Dependencies of the likely root postgres:orders: failing are checkout, payments; without alerts are "
        "cart; 1 of the dependencies is learned, not in the catalogue."
    )


def test_alternative_texts_stay_within_slacks_limit() -> None:
    rows = [ServiceTimes(service=f"{place}" * 400, alerts=(T0,)) for place in range(50)]

    assert len(timeline_alt(rows, root=None)) <= 2000
    assert "and 42 more services" in timeline_alt(many(50), root=None)


def test_names_of_any_kind_can_be_drawn() -> None:
    names = ["$x^{2$", "\\frac{", "名前", "a" * 500, "", "\x00\n\t", "postgres:orders"]
    rows = [ServiceTimes(service=name, alerts=(T0,)) for name in names]
    edges = [Dependency(caller=caller, callee=names[0]) for caller in names]

    assert size(timeline_picture(rows, root=names[1]))
    assert size(dependency_picture(edges, root=names[0], failing=names))


def test_nothing_and_circles_can_be_drawn() -> None:
    circle = [Dependency(caller="a", callee="b"), Dependency(caller="b", callee="a")]

    assert size(timeline_picture([], root=None))
    assert size(dependency_picture([], root=None, failing=[]))
    assert size(dependency_picture(circle, root=None, failing=["a", "b"]))


def test_threads_draw_at_the_same_time_and_get_the_same_picture() -> None:
    with ThreadPoolExecutor(4) as pool:
        pictures = set(pool.map(lambda _: timeline_picture(ROWS, root="payments"), range(8)))

    assert len(pictures) == 1


def test_a_large_cascade_is_drawn_within_a_second_of_work() -> None:
    edges = [Dependency(caller=f"s{place}", callee=f"s{(place - 1) // 3}") for place in range(1, 60)]
    began = time.thread_time()

    dependency_picture(edges, root="s0", failing=[f"s{place}" for place in range(60)])

    assert time.thread_time() - began < 1


def test_letters_that_no_font_has_are_spelt_out_instead_of_boxes() -> None:
    drawn = readable("pay-결제")
    assert drawn in {"pay-gyeolje", "pay-결제"}, "by their sound, or as they are where a font has them"
    assert readable("支付").replace("支付", "U+652FU+4ED8") == "U+652FU+4ED8"
    assert readable("größe-заказы") == "größe-заказы", "the font that is always there has these"
