"""Names from outside never become options or escape the tree, and a clone is never changed by reading it."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

import pytest
from aiohttp import ClientSession
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from github import Auth, BadCredentialsException, Github, GithubIntegration
from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox.github import serve_clones
from sandbox.github.names import BadName, clean_path, clean_ref, split_revision
from tests.fixtures.host_clone import NAME, Clone, Served, serve_repository

EXPRESSION = """
query ($e: String!) { repository(owner: "acme", name: "shop") { object(expression: $e) { oid } } }
"""
HOSTILE_REFS = ["--output=pwned", "-n1", "main..hotfix", "main@{1}", "^main", "a b", ":/Fix", "x.lock"]
HOSTILE_PATHS = [
    "../../etc/passwd",
    "/etc/passwd",
    "src/../README.md",
    ".git/config",
    "src//cart.py",
    "a\nb",
    "./x",
]


@pytest.mark.parametrize("path", HOSTILE_PATHS)
async def test_paths_out_of_the_tree_are_refused(served: Served, path: str) -> None:
    answer = await served.graphql(EXPRESSION, e=f"HEAD:{path}")
    async with served.http.get(f"/repos/{NAME}/contents/{quote(path, safe='')}") as response:
        status = response.status

    assert answer["data"]["repository"]["object"] is None
    assert status in (404, 422)
    with pytest.raises(BadName):
        clean_path(path)


@pytest.mark.parametrize("ref", HOSTILE_REFS)
async def test_refs_that_look_like_options_or_ranges_are_refused(
    served: Served, shop: Clone, ref: str
) -> None:
    answer = await served.graphql(EXPRESSION, e=ref)
    for path in ("commits/{}", "compare/{}...main", "git/trees/{}", "branches/{}", "commits?sha={}"):
        async with served.http.get(f"/repos/{NAME}/" + path.format(quote(ref, safe=""))) as response:
            assert response.status in (404, 422), path

    assert answer["data"]["repository"]["object"] is None
    assert shop.git("status", "--porcelain") == "", "nothing was written"


@settings(max_examples=60)
@given(st.text(alphabet=st.sampled_from("ab/.-~^:@{}\\ *?[\n\0é")))
def test_accepted_names_are_harmless(text: str) -> None:
    try:
        path = clean_path(text)
    except BadName:
        pass
    else:
        assert not path.startswith("/")
        assert ".." not in path.split("/")
    try:
        ref, steps = split_revision(text)
    except BadName:
        return
    assert clean_ref(ref) == ref
    assert not ref.startswith("-")
    assert not set(ref + steps) & set(":\n\0 *?[\\")


def snapshot(path: Path) -> dict[str, tuple[int, int]]:
    return {str(f): (f.stat().st_mtime_ns, f.stat().st_size) for f in sorted(path.rglob("*"))}


async def test_reading_changes_nothing_and_runs_nothing_of_the_clone(own_shop: Clone, tmp_path: Path) -> None:
    trap, mark = tmp_path / "trap.sh", tmp_path / "mark"
    trap.write_text(f"#!/bin/sh\ntouch {mark}\ncat\n")
    trap.chmod(0o755)
    for key in ("diff.external", "diff.python.textconv", "diff.python.command", "core.fsmonitor"):
        own_shop.git("config", key, str(trap))
    own_shop.git("config", "diff.noprefix", "true")
    (own_shop.path / ".git/info/attributes").write_text("*.py diff=python\n")
    before = snapshot(own_shop.path)

    async with serve_repository(own_shop.path) as served:
        commit = await served.get("/commits/main")
        for path in ("compare/v1...main", "contents/README.md", "git/trees/main", "pulls/9/files", "tags"):
            await served.get(f"/{path}")
        blame = '... on Commit { blame(path: "src/basket.py") { ranges { endingLine } } }'
        head = f'object(expression: "main") {{ {blame} }}'
        await served.data(f'{{ repository(owner: "acme", name: "shop") {{ {head} }} }}')

    assert commit["files"][0]["filename"] == "src/basket.py"
    assert not mark.exists(), "a program named in the clone's configuration was started"
    assert snapshot(own_shop.path) == before, "the clone was written to"


async def test_wrong_credentials_are_refused(served: Served) -> None:
    def ask(_: Github) -> str:
        auth = Auth.Token("ghs_wrong")
        github = Github(auth=auth, base_url=served.url, retry=None, seconds_between_requests=0)
        return github.get_repo(NAME).full_name

    with pytest.raises(BadCredentialsException):
        await served.sdk(ask)
    async with served.http.get("/user", headers={"Authorization": ""}) as response:
        assert response.status == 401


async def test_an_app_gets_a_token_for_its_installation(served: Served) -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()

    def ask(_: Github) -> str:
        auth = Auth.AppAuth(7, pem)
        app = GithubIntegration(auth=auth, base_url=served.url, retry=None, seconds_between_requests=0)
        return app.get_github_for_installation(3).get_repo(NAME).full_name

    assert await served.sdk(ask) == NAME


async def test_pages_show_text_and_never_markup(writable: Served, own_shop: Clone) -> None:
    evil = "<script>alert(1)</script>"
    sha = own_shop.commit("evil", f"Add {evil}\n\n{evil}", {"evil.html": f"{evil}\n"})

    for path in (f"/commit/{sha}", f"/blob/{sha}/evil.html"):
        async with writable.http.get(f"/{NAME}{path}", headers={"Authorization": ""}) as response:
            page = await response.text()
        assert response.status == 200, "people follow links without a token"
        assert "<script>" not in page
        assert "&lt;script&gt;" in page


async def test_a_clone_on_this_machine_is_served_to_its_token_only(shop: Clone) -> None:
    async with serve_clones({NAME: shop.path}, token="secret") as url, ClientSession(url) as http:
        statuses = []
        for path in (f"/{NAME}", f"/{NAME}/commit/main", f"/repos/{NAME}"):
            async with http.get(path) as response:
                statuses.append(response.status)
        async with http.get(f"/repos/{NAME}", headers={"Authorization": "token secret"}) as response:
            assert response.status == 200

    assert statuses == [401, 401, 401]


async def test_links_in_answers_lead_to_pages(served: Served, shop: Clone) -> None:
    commit = await served.get(f"/commits/{shop.shas['rename']}")
    pull = await served.get("/pulls/9")
    compared = await served.get("/compare/v1...main")
    release = (await served.get("/releases"))[0]
    addresses = [body["html_url"] for body in (commit, pull, compared, release, await served.get(""))]
    for address in (*addresses, commit["files"][0]["blob_url"]):
        async with served.http.get(address) as response:
            assert response.status == 200, address
            assert response.content_type == "text/html"
