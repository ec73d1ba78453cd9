"""PagerDuty, Events API v2: one alert a key, however many processes tell of it."""

from __future__ import annotations

import aiohttp

from investigator.watchdog.alarms import Page
from investigator.watchdog.pager import json_bytes, post

SUMMARY_LIMIT = 1024


class PagerDuty:
    name = "pagerduty"
    wakes = True

    def __init__(self, session: aiohttp.ClientSession, base_url: str, key: str, source: str) -> None:
        self._session = session
        self._url = f"{base_url}/v2/enqueue"
        self._key = key
        self._source = source

    async def tell(self, page: Page) -> None:
        event: dict[str, object] = {
            "routing_key": self._key,
            "event_action": page.action,
            "dedup_key": page.key,
        }
        if page.action == "trigger":
            event["client"] = "IncidentPilot"
            event["payload"] = {
                "summary": page.what[:SUMMARY_LIMIT],
                "source": self._source,
                "severity": page.severity,
                "component": "incidentpilot",
                "custom_details": {"remedy": page.remedy, "runbook": page.anchor},
            }
        await post(self._session, "PagerDuty", self._url, json_bytes(event), {})
