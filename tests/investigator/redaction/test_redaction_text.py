"""Secrets leave a text, everything a person needs stays, and hostile texts cost no more than long ones."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from investigator.redaction import PERSONAL, Vault, redact
from tests.fixtures.secrets import Planted, planted

SHA = "1a2b3c4d" * 5
PASSWORD = "hunter" + "2"


def hidden(text: str, vault: Vault | None = None) -> str:
    return redact(text, vault or Vault())


def test_the_placeholder_says_what_it_was_and_the_first_of_its_kind_is_one() -> None:
    key, other = "AK" + "IA" + "ABCDEFGHIJKLMNOP", "AK" + "IA" + "PONMLKJIHGFEDCBA"
    assert hidden(f"used {key}, then {other}, then {key}") == (
        "used [secret:aws-key:1], then [secret:aws-key:2], then [secret:aws-key:1]"
    )


def test_one_vault_gives_the_same_secret_the_same_placeholder_in_every_text() -> None:
    vault = Vault()
    first = hidden(f"password={PASSWORD}", vault)
    again = hidden(f"postgres://shop:{PASSWORD}@db/orders", vault)
    assert (first, again) == ("password=[secret:password:1]", "postgres://shop:[secret:password:1]@db/orders")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"login password={PASSWORD}, retrying", "login password=[secret:password:1], retrying"),
        (f"?user=maria&pwd={PASSWORD}&page=2", "?user=maria&pwd=[secret:password:1]&page=2"),
        (f'{{"password": "{PASSWORD}", "n": 1}}', '{"password": "[secret:password:1]", "n": 1}'),
        (f"DB_PASSWORD=a&b,(c;{PASSWORD}\nHOME=/srv", "DB_PASSWORD=[secret:password:1]\nHOME=/srv"),
        (f"postgres://shop:a/b{PASSWORD}@db:5432/orders", "postgres://shop:[secret:password:1]@db:5432/orders"),
        (f"the password is {PASSWORD}.", "the password is [secret:password:1]."),
        (f"Password for shop was '{PASSWORD}!x'", "Password for shop was '[secret:password:1]'"),
        (f"I reset the passphrase to {PASSWORD}$", "I reset the passphrase to [secret:password:1]"),
        (f"log in as maria, password {PASSWORD}", "log in as maria, password [secret:password:1]"),
        (f"temp pwd: {PASSWORD}&x (until Friday)", "temp pwd: [secret:password:1] (until Friday)"),
        ("https://x/?a=1&password=Falcon&b=2", "https://x/?a=1&password=[secret:password:1]&b=2"),
        (f"define('DB_PASSWORD', '{PASSWORD}');", "define('DB_PASSWORD', '[secret:password:1]');"),
        (f"postgres://shop:a/{PASSWORD}@10.0.3.4/shop", "postgres://shop:[secret:password:1]@10.0.3.4/shop"),
        (f"Cookie: a=1; sid={PASSWORD}", "Cookie: [secret:cookie:1]"),
        (f"curl -u maria:{PASSWORD} https://x", "curl -u maria:[secret:password:1] https://x"),
        ("Authorization: Basic bWFyaWE6aHVudGVyMg== ok", "Authorization: Basic [secret:authorization:1] ok"),
        ("mail from maria@acme.io refused", "mail from [secret:email:1] refused"),
        ("from 93.184.215.14 port 22", "from [secret:ip:1] port 22"),
        ("from 2606:4700:4700::1111 port 22", "from [secret:ip:1] port 22"),
    ],
)  # fmt: skip
def test_only_the_secret_goes_what_stands_around_it_stays(text: str, expected: str) -> None:
    assert hidden(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        f"commit {SHA} of 2026-11-24T06:12:07.113Z, release checkout@1.4.2+{SHA[:7]}",
        "services/checkout/token.py:88 in refresh, /srv/app/secrets/loader.py",
        "trace 4bf92f3577b34da6a3ce929d0e0e4736, order 3f2504e0-4f89-41d3-9a0c-0305e82c3301",
        "color: #1a2b3c; line 4711; HTTP/1.1 500; v1.2.3",
        "token = self.next_token()",
        "password=None, token=token, secret=settings.client_secret",
        "PWD=/srv/app, pwd=/srv/app, tests pass: 2041, fail: 3",
        "if token == expected_token2:",
        "password_changed_at=2026-11-24, TOKEN_EXPIRY_SECONDS=86400000, token_count=123456789",
        "def login(user: str, password: str) -> Token:",
        "listening on 0.0.0.0:8080, localhost and 127.0.0.1, documented as 192.0.2.7",
        "peer 10.0.3.4 and 192.168.1.9 are inside",
        "postgres://user:password@host/db is how it is written",
        "write to you@example.com, see logo@2x.png and checkout@1.4.2",
        "std::vector and 06:12:07 and ::1",
        "http://db:5432/a/b@2 and http://proxy.internal:3128/x/@scope/package are no passwords",
        "git+https://github.com/acme/shop@v1.2.3 and npm://registry:latest/lib/x@4.17.21, npm://r:l/@scope/x",
        "the password is required, the token is expired, your secret is case-sensitive",
        "password is md5-hashed, token was 2026-11-24, secret is 64characters, api key is services/checkout",
        'put("pass", "password"), missing secret: db-password, secret: !Ref DbSecret, enter password twice',
        "Token is not valid before 06:12:07; password was changed to something else",
        '"integrity": "sha512-' + "YWJj" * 20 + '"',
    ],
)
def test_what_people_need_at_three_in_the_morning_survives(text: str) -> None:
    assert hidden(text) == text


def test_addresses_of_people_and_machines_may_stay() -> None:
    text = "maria@acme.io from 93.184.215.14"
    assert redact(text, Vault(), emails=False, ips=False) == text
    inside = "from 10.0.3.4, not 127.0.0.1"
    assert redact(inside, Vault(), private_ips=True) == "from [secret:ip:1], not 127.0.0.1"


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\\n"])
@pytest.mark.parametrize("whole", [True, False])
def test_a_private_key_goes_whole_even_when_its_end_is_missing(newline: str, whole: bool) -> None:
    lines = ["-----BEGIN " + "RSA PRIVATE KEY-----", *["MIIEow" + "IBAAKCAQEA" * 5] * 6]
    text = newline.join([*lines, "-----END " + "RSA PRIVATE KEY-----"] if whole else lines)
    assert hidden(f'key "{text}" is bad').strip() == 'key "[secret:private-key:1]" is bad'


@given(st.lists(st.sampled_from(planted(seed=3)), min_size=1, max_size=5), st.integers(0, 3))
@settings(max_examples=60, deadline=None)
def test_redacting_again_changes_nothing_and_restoring_brings_all_back(
    found: list[Planted], gap: int
) -> None:
    text = ("\n" * (gap + 1)).join(each.text for each in found)
    vault = Vault()
    once = hidden(text, vault)
    assert hidden(once, vault) == once, "a placeholder was taken for a secret"
    assert vault.restore(once) == text, "a secret was not put back where it stood"


def test_only_the_kinds_asked_for_are_put_back() -> None:
    vault = Vault()
    text = hidden(f"maria@acme.io, password={PASSWORD}", vault)
    assert vault.restore(text, PERSONAL) == "maria@acme.io, password=[secret:password:1]"


def test_placeholders_that_others_wrote_are_left_alone_and_cannot_run_in_circles() -> None:
    vault = Vault()
    assert vault.restore("[secret:password:1] [secret:email:9]") == "[secret:password:1] [secret:email:9]"
    text = hidden('password="[secret:password:1]x y1"', vault)
    assert vault.restore(text) == 'password="[secret:password:1]x y1"'


def test_a_vault_shows_nothing_of_what_it_holds() -> None:
    vault = Vault()
    hidden(f"password={PASSWORD}", vault)
    assert PASSWORD not in f"{vault!r} {vault}"


# --- Structure that makes careless patterns slow: each repeats what almost matches.

MEGABYTE = 1_000_000
HOSTILE = (
    "a", "4", "ey" + "J", "ey" + "Ja.", "-----BEGIN PRIVATE KEY-----", "password", "password=", "password='a",
    "://a:", "a@", "a.", "a@a.", "4444 ", "1.", "a:", " sk-a", "cookie: a=", "authorization: bearer ",
    "<password ", " --password", "DE12 ", "token_key_value", "\nABC_", " ", "\\", "identified by '",
    "M" + "a" * 23 + ".", "password ", "password is ", "password for a", "?password=", "$" + "2a$", "AUTH ",
    "net use ", "net use \\\\a /", "docker login ", "ldapsearch ", "curl -b ", "env a", "login('a', ",
    "digest a response=", "name: token\n", "name=token value", "password:\n  ",
    "password: |\n  " + "a" * 20 + "\n  ", "['token', '", "token, <<", 'form-data name="token"\r\n',
    "%22token%22%3A%22a", "Private-Lines: 1 aaaaaaaa ", "client-key-data: a", "machine a login ",
    "[secret:a:1]'\n'", "password....", "a:b@tcp", "?code=a", "re_aaaaaa_", "AC0", "s.a",
    "cs_live_aaaaaaaaaa_secret_",
    "echo a |", "\na:5432:", "define('password', ", "otp: ", "SAMLResponse=",
)  # fmt: skip


@pytest.mark.parametrize("piece", HOSTILE)
def test_a_hostile_text_costs_in_proportion_to_its_length(piece: str) -> None:
    text = (piece * (MEGABYTE // len(piece)))[: MEGABYTE // 8]
    started = time.process_time()
    hidden(text)
    # 50 times what it takes; one pattern that goes back over what it read would need hours for this.
    assert time.process_time() - started < 20, f"{piece!r} repeated makes redaction slow"
