"""What people may be kept from doing."""

from __future__ import annotations

from typing import Literal

Action = Literal["open_pull_request", "resolve", "mute", "mark_root", "assign", "route"]
