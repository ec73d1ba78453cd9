"""Which placeholder stands for which secret. Lives as long as one incident is worked on, is never stored."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection

PERSONAL = ("email", "ip")  # kinds a channel of colleagues may see, and a model provider need not
START, LONGEST = "[secret:", 60
PLACEHOLDER = re.compile(r"\[secret:([a-z0-9-]{1,40}):(\d{1,6})\]")


class Vault:
    """The same placeholder for the same secret, numbered in order of appearance: `[secret:aws-key:1]`."""

    def __init__(self) -> None:
        self._placeholders: dict[str, str] = {}
        self._secrets: dict[str, str] = {}
        self._issued: Counter[str] = Counter()

    def __repr__(self) -> str:
        return (
            f"Vault({len(self._secrets)} secrets)"  # what it holds must not get into a log by way of a repr
        )

    def hide(self, secret: str, kind: str) -> str:
        """The placeholder of `secret`; the kind it was first seen as is the one that stays."""
        known = self._placeholders.get(secret)
        if known:
            return known
        self._issued[kind] += 1
        placeholder = f"[secret:{kind}:{self._issued[kind]}]"
        # A secret inside another one was hidden first; expanded here, restoring never has to look twice.
        self._secrets[placeholder] = self.restore(secret)
        self._placeholders[secret] = placeholder
        return placeholder

    def restore(self, text: str, kinds: Collection[str] | None = None) -> str:
        """`text` with our placeholders (those of `kinds`, or all) put back; others stay. Only for Slack."""

        def original(found: re.Match[str]) -> str:
            wanted = kinds is None or found[1] in kinds
            return self._secrets.get(found[0], found[0]) if wanted else found[0]

        return PLACEHOLDER.sub(original, text)
