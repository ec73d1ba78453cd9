"""The simulation of load does what queues do."""

from __future__ import annotations

from dataclasses import replace

from benchmarks.scale import Fleet, Hour, Rates, Stage, measured, simulate

RATES = Rates(web=2000, triage=2000, report_seconds=1, github_points=7)
HOUR = Hour(services=10_000, events=1_000_000, torn=0.03)


def test_what_comes_faster_than_it_leaves_waits_as_long_as_the_rest_takes() -> None:
    stage = Stage(rate=1)
    stage.add(0, 10)
    left = [stage.serve(second) for second in range(12)]
    assert sum(left) == 10
    assert stage.worst == 9


def test_what_was_not_used_may_be_spent_at_once_but_only_so_much_of_it() -> None:
    stage = Stage(rate=1, burst=5)
    for second in range(100):
        stage.serve(second)
    stage.add(100, 8)
    assert stage.serve(100) == 5


def test_the_same_seed_tells_the_same() -> None:
    fleet = Fleet(1, 2, 1)
    assert simulate(HOUR, fleet, RATES) == simulate(HOUR, fleet, RATES)


def test_more_workers_wait_less_and_a_slower_model_more() -> None:
    few, many = (simulate(HOUR, Fleet(1, workers, 4), RATES)["workers"].worst for workers in (2, 24))
    assert many < few
    slow = simulate(replace(HOUR, model_seconds=25), Fleet(1, 24, 4), RATES)["workers"].worst
    assert slow > many


def test_a_cascade_that_is_recognised_costs_less_than_one_that_is_not() -> None:
    one, torn = (simulate(replace(HOUR, torn=t), Fleet(1, 2, 1), RATES)["workers"] for t in (0.0, 0.03))
    assert one.worst < torn.worst


def test_it_is_fed_from_the_tables_of_this_checkout() -> None:
    rates = measured()
    assert 0 < rates.report_seconds < 60
    assert rates.web > 100
    assert rates.triage > 100
