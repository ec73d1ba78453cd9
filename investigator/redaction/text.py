"""Apply the rules to a text. Pure."""

from __future__ import annotations

import ipaddress
import re

from investigator.redaction.rule import Rule
from investigator.redaction.rules import CREDENTIALS, EMAIL, IP4, IP6
from investigator.redaction.vault import LONGEST, PLACEHOLDER, START, Vault

_SHORTEST = 6  # nothing shorter than `pwd=x1` holds a secret
# Each hint with the places of its rules: one look for a hint serves them all.
_RULES_OF = tuple(
    (hint, [at for at, rule in enumerate(CREDENTIALS) if hint in rule.hints])
    for hint in dict.fromkeys(hint for rule in CREDENTIALS for hint in rule.hints)
)
_KINDS = (
    ("pass", "password"),
    ("pwd", "password"),
    ("cookie", "cookie"),
    ("sess", "session"),
    ("token", "token"),
    ("key", "api-key"),
    ("credential", "credential"),
    ("auth", "authorization"),
    ("secret", "secret"),
)


def redact(
    text: str, vault: Vault, *, emails: bool = True, ips: bool = True, private_ips: bool = False
) -> str:
    """`text` with a placeholder of `vault` in place of every secret; redacting twice changes nothing.

    Args:
        emails, ips: whether addresses of people and machines are secrets too.
        private_ips: with `ips`, also those that mean nothing outside their network.
    """
    if len(text) < _SHORTEST:
        return text
    lowered = text.lower()
    hinted = {at for hint, rules in _RULES_OF if hint in lowered for at in rules}
    for at in sorted(hinted):
        text = _apply(CREDENTIALS[at], text, vault)
    if emails and any(hint in text for hint in EMAIL.hints):
        text = _apply(EMAIL, text, vault)
    if ips:
        text = _without_ips(text, vault, private_ips)
    return text


def _apply(rule: Rule, text: str, vault: Vault) -> str:
    def hidden(found: re.Match[str]) -> str:
        groups = found.re.groupindex
        start, end = found.span("secret") if "secret" in groups else found.span()
        secret = found.string[start:end]
        if _inside_placeholder(found.string, start) or PLACEHOLDER.fullmatch(secret):
            return found[0]
        if rule.accept and not rule.accept(found):
            return found[0]
        kind = kind_of(found["name"]) if "name" in groups else rule.kind
        at = found.start()
        return found[0][: start - at] + vault.hide(secret, kind) + found[0][end - at :]

    return rule.pattern.sub(hidden, text)


def _inside_placeholder(text: str, at: int) -> bool:
    opened = text.rfind(START, max(0, at - LONGEST), at)
    return opened >= 0 and "]" not in text[opened:at]


def kind_of(name: str) -> str:
    """What the value of `db_password` or `X-Api-Key` is called."""
    name = name.lower()
    return next((kind for part, kind in _KINDS if part in name), "secret")


def _without_ips(text: str, vault: Vault, private: bool) -> str:
    def hidden(found: re.Match[str]) -> str:
        try:
            address = ipaddress.ip_address(found[0])
        except ValueError:
            return found[0]
        ours = private and address.is_private and not (address.is_loopback or address.is_unspecified)
        shown = found[0].endswith(".0.0.0")  # a browser's version, or a whole network
        return vault.hide(found[0], "ip") if (address.is_global or ours) and not shown else found[0]

    text = IP4.sub(hidden, text) if text.count(".") > 2 else text
    return IP6.sub(hidden, text) if text.count(":") > 2 else text
