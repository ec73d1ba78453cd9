"""Whatever a frame calls its file and an event its release: only the repository is read, and only by us."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import unquote

import pytest

from investigator.models.evidence import CodeEvidence
from investigator.stack_paths import probes, resolve
from tests.fixtures.code_history import SHOP, event, frame, gather, words
from tests.fixtures.github_repository import Change, git, served, write_repository
from tests.investigator.injection.attacks import ATTACKS, PATHS

OUTSIDE = "OUTSIDE = 'what lies beside the repository'"
FILES = {
    "services/checkout/pricing.py": "def unit_price():\n    return 1\n",
    "etc/app.conf": "debug = false\n",
    "outside/notes.md": "a folder\n",
    "CODEOWNERS": "* @acme/all\n",
}


@pytest.mark.processes
async def test_no_path_of_a_frame_reads_or_does_anything_but_read_the_repository(tmp_path: Path) -> None:
    shas = write_repository(
        tmp_path / "shop", [Change("Start", dict(FILES)), Change("Note", {"note.md": "x\n"})]
    )
    (tmp_path / "outside.py").write_text(OUTSIDE)
    before = _names(tmp_path)
    async with served(tmp_path / "shop") as host:
        for path in PATHS:
            crash = event(
                frame(path, 2, abs_path=path, function=path, module=path),
                frame(path, 1, abs_path=f"/srv/app/{path}"),
                release=path,
            )
            evidence = await gather(host, crash)
            assert evidence.head_sha in shas, f"{path!r} as a release: {words(evidence)}"
            _stays_inside(evidence, path, host.url)
        for method, asked in host.sandbox.requests:
            assert ".." not in unquote(unquote(asked)).split("/"), f"a request climbs: {method} {asked}"
            assert asked == "/graphql" or asked.startswith("/repos/acme/shop"), f"asked of GitHub: {asked}"
            assert method in {"GET", "POST"}
            assert (method, asked) == ("POST", "/graphql") or method == "GET", "something was written"
    assert _names(tmp_path) == before, "a path was carried out"
    assert git(tmp_path / "shop", "rev-parse", "HEAD") == shas[-1]


def _names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def _stays_inside(evidence: CodeEvidence, path: str, url: str) -> None:
    known = {*FILES, "note.md"}
    assert OUTSIDE not in evidence.model_dump_json(), f"{path!r} read a file beside the repository"
    for each in evidence.frames:
        assert each.path is None or each.path in known, f"{path!r} became {each.path!r}"
        assert set(each.candidates) <= known
        assert each.permalink is None or each.permalink.startswith(f"{url}/acme/shop/blob/")
    if evidence.ownership:
        assert evidence.ownership.path in known


def test_no_text_at_all_makes_a_path_that_climbs_or_starts_like_an_option() -> None:
    texts = (*PATHS, *(attack.text for attack in ATTACKS))
    for text in texts:
        crash = frame(text, abs_path=text, module=text)
        assert resolve(crash, tree=set(FILES), service=SHOP).path in {None, *FILES}
        for probe in probes(crash, SHOP):
            parts = probe.split("/")
            assert ".." not in parts, f"{text!r} is looked for at {probe!r}"
            assert not probe.startswith("/"), f"{text!r} is looked for at {probe!r}"
            assert "\0" not in probe, f"{text!r} is looked for at {probe!r}"
