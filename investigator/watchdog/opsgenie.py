"""Opsgenie, Alert API v2: one alert an alias."""

from __future__ import annotations

from urllib.parse import quote

import aiohttp

from investigator.watchdog.alarms import Page
from investigator.watchdog.pager import json_bytes, post

MESSAGE_LIMIT = 130
PRIORITIES = {"critical": "P1", "warning": "P3"}


class Opsgenie:
    name = "opsgenie"
    wakes = True

    def __init__(self, session: aiohttp.ClientSession, base_url: str, key: str, source: str) -> None:
        self._session = session
        self._url = f"{base_url}/v2/alerts"
        self._headers = {"Authorization": f"GenieKey {key}"}
        self._source = source

    async def tell(self, page: Page) -> None:
        if page.action == "resolve":
            url = f"{self._url}/{quote(page.key, safe='')}/close?identifierType=alias"
            body = json_bytes({"source": self._source, "note": "it is over"})
        else:
            url, body = self._url, json_bytes(self._alert(page))
        await post(self._session, "Opsgenie", url, body, self._headers)

    def _alert(self, page: Page) -> dict[str, object]:
        return {
            "message": page.what[:MESSAGE_LIMIT],
            "alias": page.key,
            "description": f"{page.what}\n\n{page.remedy}\n\n{page.anchor}",
            "priority": PRIORITIES[page.severity],
            "source": self._source,
            "entity": "incidentpilot",
            "tags": ["incidentpilot", page.severity],
        }
