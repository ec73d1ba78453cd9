"""Both SDKs take seconds to import: once, before any budget runs."""

from __future__ import annotations

import pytest

from investigator.analysis.providers import preload
from investigator.settings import Settings


@pytest.fixture(autouse=True, scope="session")
def sdks() -> None:
    preload(Settings(_env_file=None, anthropic_base_url="http://a.test", openai_base_url="http://o.test"))
