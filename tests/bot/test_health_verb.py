"""`/pilot health`: people ask the bot how it is."""

from __future__ import annotations

from pathlib import Path

from bot.verbs.ask import Ask
from bot.verbs.table import answer
from investigator.composition import compose
from investigator.settings import Settings


async def asked(store_url: str, data: Path) -> str:
    settings = Settings(
        _env_file=None,
        slack_bot_token="x",
        slack_signing_secret="x",
        sentry_client_secret="x",
        redis_url=store_url,
        pilot_data_dir=data,
    )
    ask = Ask(id="1", argument="", user="U1", channel="C1", reply_to="http://127.0.0.1:1/")
    async with compose(settings) as program:
        message = await answer(program, "health", ask)
    return message.text + str(message.blocks)


async def test_it_says_what_is_the_matter_with_itself(store_url: str, tmp_path: Path) -> None:
    said = await asked(store_url, tmp_path)
    assert "No worker is alive" in said
    assert "docs/operations.md#no-worker" in said


async def test_it_says_so_when_the_store_is_gone(tmp_path: Path) -> None:
    assert "The store does not answer" in await asked("redis://127.0.0.1:1/0", tmp_path)
