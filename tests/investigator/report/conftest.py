from __future__ import annotations

import pytest

from investigator.rendering import Renderer


@pytest.fixture(scope="session")
def renderer() -> Renderer:
    return Renderer()
