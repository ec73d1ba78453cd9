"""How Slack says no."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

Json = dict[str, object]


class Refused(Exception):
    """An `{"ok": false}` answer: Slack's error code, and for blocks one message per broken rule.

    `retry_after` in seconds makes it an HTTP 429.
    """

    def __init__(
        self,
        error: str,
        messages: Sequence[str] = (),
        *,
        details: Mapping[str, object] | None = None,
        retry_after: int | None = None,
    ) -> None:
        super().__init__(f"{error}: {'; '.join(messages)}" if messages else error)
        self.error = error
        self.messages = tuple(messages)
        self.details = dict(details or {})
        self.retry_after = retry_after

    def envelope(self) -> Json:
        """The body of the answer."""
        body: Json = {"ok": False, "error": self.error, **self.details}
        if self.messages:
            body["errors"] = list(self.messages)
            body["response_metadata"] = {"messages": [f"[ERROR] {message}" for message in self.messages]}
        return body
