"""Secrets leave whole documents, and what goes to Slack and to logs was looked through."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from bot.logs import WithoutSecrets, configure_logs, without_secrets
from investigator.investigation import hidden
from investigator.models.evidence import FileChange, Suspect
from investigator.models.message import Message
from investigator.models.sentry import Breadcrumb, SentryException
from investigator.redaction import Redaction, Vault, redact_document
from investigator.rendering import Renderer
from investigator.report import build_report
from tests.fixtures import findings as made

TOKEN = "gh" + "p_" + "Ab3" * 12
PASSWORD = "trustno" + "1!"
MAIL = "maria@acme.io"
FRAME = made.UNIT_PRICE.model_copy(
    update={
        "context_line": f'    client = Client(token="{TOKEN}")',
        "variables": (("password", f"'{PASSWORD}'"), ("token", "None"), ("order", "<Order 7>")),
    }
)
LEAKY = made.findings(
    event=made.event(
        exceptions=(
            SentryException(type="LoginError", value=f"{MAIL} with {PASSWORD=} was refused", frames=(FRAME,)),
        ),
        breadcrumbs=(Breadcrumb(category="http", message=f"GET /login?user=maria&password={PASSWORD}"),),
        request_url=f"https://shop.example.com/cart?access_token={TOKEN}",
        tags=(("authorization", f"Bearer {TOKEN}"), ("browser", "Firefox")),
    ),
    code=made.code(
        frames=(),
        commits=(
            made.commit(message=f"Use {TOKEN}", number=None, files=(FileChange(path="a", patch=TOKEN),)),
        ),
    ),
)


def test_everything_in_a_document_is_looked_through_and_pairs_go_by_their_name() -> None:
    after = redact_document(LEAKY, Vault(), "credentials")
    text = after.model_dump_json()
    assert TOKEN not in text
    assert PASSWORD not in text
    assert after.event is not None
    assert after.event.frames[0].variables == (
        ("password", "'[secret:password:1]'"),
        ("token", "None"),
        ("order", "<Order 7>"),
    )
    assert MAIL in text, "who it was is for colleagues to know"
    assert MAIL not in redact_document(LEAKY, Vault(), "all").model_dump_json()


def test_a_document_without_secrets_is_the_same_object() -> None:
    clean = made.findings()
    assert redact_document(clean, Vault(), "credentials") is clean
    assert redact_document(LEAKY, Vault(), "off") is LEAKY


def test_diffs_are_kept_for_those_who_have_to_apply_them() -> None:
    (commit,) = hidden(LEAKY, "credentials").code.commits
    assert commit.files is not None
    assert commit.files[0].patch == TOKEN
    assert TOKEN not in commit.message


def messages(redaction: Redaction) -> Iterator[Message]:
    renderer = Renderer(redaction=redaction)
    incident = made.incident(
        event=LEAKY.event,
        title=f"LoginError: {MAIL} {PASSWORD=}",
        runs=(made.run(state="failed", failure=f"could not reach redis://:{PASSWORD}@cache:6379"),),
    )
    report = build_report(hidden(LEAKY, redaction), service=made.CHECKOUT, opened_at=made.OPENED)
    context = {"incident": incident, "service": made.CHECKOUT, "report": report}
    for name in ("parent_investigating", "parent", "report"):
        yield renderer.render(name, **context)
    yield renderer.render("parent", **{**context, "report": None})
    yield renderer.render("expand", part="all", **context)
    yield renderer.render("status", incidents=[incident], now=made.minutes(9))
    yield renderer.render("failure", incident=incident, why=f"DB_PASSWORD={PASSWORD}")
    yield renderer.render("not_found", reference=f"https://s/?token={TOKEN}", why="no such issue")


def test_no_credential_is_posted_and_colleagues_stay_readable() -> None:
    said = json.dumps([message.model_dump() for message in messages("credentials")])
    assert TOKEN not in said
    assert PASSWORD not in said
    assert "[secret:github-token:" in said.replace("∶", ":"), "what was hidden must show"
    assert MAIL in said
    everything = json.dumps([message.model_dump() for message in messages("all")])
    assert MAIL not in everything


def test_redaction_can_be_switched_off() -> None:
    assert TOKEN in json.dumps([message.model_dump() for message in messages("off")])


def test_half_a_secret_is_not_shown_where_a_report_cuts_a_text_short() -> None:
    cut = "x" * 570 + f" postgres://shop:{PASSWORD * 5}@db-1/orders"
    event = made.event(exceptions=(SentryException(type="E", value=cut),))
    report = build_report(
        hidden(made.findings(event=event), "credentials"), service=made.CHECKOUT, opened_at=made.OPENED
    )
    assert PASSWORD[:6] not in report.error_message


def test_names_of_suspects_keep_to_what_the_report_says() -> None:
    suspect = Suspect(commit=made.commit(), rank=1, score=0.8, reasons=(f"changed token={TOKEN}",))
    found = hidden(made.findings(ranking=made.ranking(suspects=(suspect,))), "credentials")
    assert found.ranking.suspects[0].reasons == ("changed token=[secret:github-token:1]",)
    assert found.ranking.suspects[0].commit == found.code.commits[0]


# --- logs


def test_no_log_line_of_ours_carries_a_credential(capsys: pytest.CaptureFixture[str]) -> None:
    before = structlog.get_config()
    root = logging.getLogger()
    handlers = root.handlers[:]
    root.handlers.clear()
    try:
        configure_logs("test")
        log = structlog.get_logger()
        log.info(
            "asked", url=f"https://x/?access_token={TOKEN}", headers={"authorization": f"Bearer {TOKEN}"}
        )
        failure = ValueError(f"redis://:{PASSWORD}@cache")
        log.error("failed", error=failure, exc_info=failure)
        logging.getLogger("aiohttp.server").warning("GET /?password=%s", PASSWORD)
    finally:
        structlog.contextvars.clear_contextvars()
        structlog.configure(**before)
        root.handlers[:] = handlers
    said = capsys.readouterr().err
    assert said.count("[secret:") >= 4
    assert TOKEN not in said
    assert PASSWORD not in said


def test_a_log_line_is_json_whatever_text_others_sent(capsys: pytest.CaptureFixture[str]) -> None:
    before = structlog.get_config()
    try:
        configure_logs("test")
        structlog.get_logger().info("odd", lone="\ud83d", huge=2**80, thing=Path("x"))
    finally:
        structlog.contextvars.clear_contextvars()
        structlog.configure(**before)
    line = json.loads(capsys.readouterr().err)
    assert (line["lone"], line["huge"]) == ("\ud83d", 2**80)


def test_what_is_no_credential_stays_in_the_logs() -> None:
    event = {
        "event": "investigated",
        "incident": "42",
        "key": "42:parent",
        "sha": made.SHA_BUG,
        "seconds": 0.2,
    }
    assert without_secrets(None, "info", dict(event)) == event


def test_libraries_log_as_they_did() -> None:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(WithoutSecrets("%(levelname)s %(message)s"))
    handler.emit(logging.LogRecord("x", logging.WARNING, "f", 1, "slow: %s ms from %s", (7, "1.2.3.4"), None))
    assert stream.getvalue() == "WARNING slow: 7 ms from 1.2.3.4\n"
