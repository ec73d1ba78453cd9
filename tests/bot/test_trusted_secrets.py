"""Who is believed while a secret is changed."""

from __future__ import annotations

from bot.trusted_secrets import TrustedSecrets


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_what_was_replaced_is_believed_for_a_while() -> None:
    clock = Clock()
    secrets = TrustedSecrets(["old"], overlap=300, clock=clock)
    secrets.renew(["new"])
    assert list(secrets) == ["new", "old"]
    clock.now = 300
    assert list(secrets) == ["new"]


def test_one_that_stays_is_not_listed_twice_and_does_not_end() -> None:
    clock = Clock()
    secrets = TrustedSecrets(["a", "b"], overlap=300, clock=clock)
    secrets.renew(["b", "c"])
    secrets.renew(["a", "c"])
    assert sorted(secrets) == ["a", "b", "c"]
    clock.now = 1_000
    assert list(secrets) == ["a", "c"]


def test_when_protection_is_taken_away_the_old_secret_does_not_keep_it() -> None:
    secrets = TrustedSecrets(["old"])
    secrets.renew([])
    assert not secrets
