"""The pure decision over a batch: dedupe, lifecycle, one incident per issue and episode."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime, timedelta

import pytest

from investigator.delivery import Delivery
from investigator.sentry.parse import parse_headline
from investigator.triage import Memory, Plan, Understood, plan

T0 = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
NOTHING = Memory(seen={}, states={})


def understood(entry: int, body: dict[str, object], **headers: str) -> Understood:
    raw = json.dumps(body).encode()
    kept = {name.replace("_", "-"): value for name, value in headers.items()}
    delivery = Delivery(raw, kept, T0 + timedelta(seconds=entry))
    return Understood(f"{entry}-0", delivery, parse_headline(raw))


def issue(issue_id: str, action: str = "created", **fields: object) -> dict[str, object]:
    data = {"id": issue_id, "title": "KeyError: 'total'", "status": "unresolved", "project": {"slug": "web"}}
    return {"action": action, "installation": {"uuid": "u"}, "data": {"issue": data | fields}}


def alert(issue_id: str, event_id: str, rule: str = "rule") -> dict[str, object]:
    event = {"event_id": event_id, "issue_id": issue_id, "project": 1, "title": "KeyError", "tags": []}
    return {
        "action": "triggered",
        "installation": {"uuid": "u"},
        "data": {"event": event, "triggered_rule": rule},
    }


def decide(*batch: Understood, memory: Memory = NOTHING) -> Plan:
    return plan(batch, memory)


def events(result: Plan) -> dict[str, int]:
    return {key: episode.events for key, episode in result.counted.items()}


def test_a_new_issue_begins_an_episode() -> None:
    [opening] = decide(understood(1, issue("10"))).opened
    assert (opening.item.notice.issue_id, opening.over) == ("10", False)


def test_the_first_event_makes_an_alert_better_known() -> None:
    result = decide(
        understood(1, issue("10")), understood(2, alert("10", "a")), understood(3, alert("10", "b"))
    )
    assert {key: item.entry for key, item in result.better.items()} == {"10@1-0": "2-0"}
    memory = Memory(seen=result.seen, states=result.states)
    assert not decide(understood(4, alert("10", "c")), memory=memory).regroups, "a storm is only counted"


def test_issue_created_and_its_alerts_are_one_incident() -> None:
    result = decide(
        understood(1, issue("10")), understood(2, alert("10", "a")), understood(3, alert("10", "b"))
    )
    assert len(result.opened) == 1
    assert events(result) == {"10@1-0": 2}


def test_many_rules_for_one_event_count_once() -> None:
    batch = [understood(n, alert("10", "a", rule=f"rule {n}"), idempotency_key=f"k{n}") for n in range(5)]
    result = decide(*batch)
    assert len(result.opened) == 1
    assert result.ignored["duplicate"] == 4
    assert events(result) == {"10@0-0": 1}


def test_the_same_delivery_again_changes_nothing() -> None:
    first = decide(understood(1, issue("10")))
    again = decide(understood(2, issue("10")), memory=Memory(seen=first.seen, states=first.states))
    assert again.ignored == {"duplicate": 1}
    assert not again.opened
    assert not again.states


@pytest.mark.parametrize(
    "key",
    ["event:10:a", '["issue","u","10","created","unresolved",null,null]', hashlib.sha256(b"").hexdigest()],
)
def test_the_key_of_a_replay_passes_for_no_other_news(key: str) -> None:
    replayed = understood(1, issue("9", "assigned"), idempotency_key=key)
    before = decide(replayed)
    assert key not in before.seen, "whoever has one signed body can hide what was never sent"
    after = decide(
        understood(2, issue("10")),
        understood(3, alert("10", "a")),
        memory=Memory(seen=before.seen, states=before.states),
    )
    assert [opening.key for opening in after.opened] == ["10@2-0"]
    assert events(after) == {"10@2-0": 1}


def test_one_key_with_two_bodies_is_one_delivery_sent_twice() -> None:
    first = understood(1, issue("10", lastSeen="2026-11-24T02:00:00Z"), idempotency_key="k")
    again = understood(2, issue("10", lastSeen="2026-11-24T02:00:09Z"), idempotency_key="k")
    result = decide(first, again)
    assert len(result.opened) == 1
    assert result.ignored == {"duplicate": 1}, "Sentry reads the issue anew when it sends once more"


def test_an_entry_handed_out_again_after_a_crash_is_carried_out_not_dropped() -> None:
    first = decide(understood(1, issue("10")))
    again = decide(understood(1, issue("10")), memory=Memory(seen=first.seen, states=first.states))
    assert again.touched == {"10"}
    assert not again.opened
    assert not again.ignored


def test_two_resolutions_with_keys_of_their_own_are_two_pieces_of_news() -> None:
    resolved = issue("10", "resolved", status="resolved")
    reopened = issue("10", "unresolved", substatus="regressed")
    result = decide(
        understood(1, issue("10"), idempotency_key="a"),
        understood(2, resolved, idempotency_key="b"),
        understood(3, reopened, idempotency_key="c"),
        understood(4, resolved, idempotency_key="d"),
    )
    assert len(result.opened) == 2
    assert result.states["10"].status == "resolved"


def test_what_names_no_issue_is_ignored_with_a_reason() -> None:
    result = decide(
        understood(1, {"action": "created", "installation": {"uuid": "u"}, "data": {"installation": {}}})
    )
    assert sum(result.ignored.values()) == 1
    assert not result.opened


def test_different_issues_are_different_episodes() -> None:
    result = decide(understood(1, issue("10")), understood(2, issue("11")))
    assert [opening.key for opening in result.opened] == ["10@1-0", "11@2-0"]
