"""What shows that something is a secret, in the order in which it is looked for.

Every pattern starts at a border and has a bounded or possessive body, so that no text makes it slow; and none
is tried unless one of its `hints` is in the text. The group `secret` is what is replaced, else all of it. The
group `name` is what the secret was called.
"""

from __future__ import annotations

import re

from investigator.redaction import plausible
from investigator.redaction.apart import APART, CONTINUED
from investigator.redaction.commands import COMMANDS
from investigator.redaction.names import HINTS, IS, NAMED, QUOTE
from investigator.redaction.rule import Rule
from investigator.redaction.told import TOLD
from investigator.redaction.vendor_tokens import KEYS, TOKENS

_SCHEMES = r"basic|bearer|token|ssws|apikey|genie-?key|negotiate|aws4-hmac-sha256|splunk|key"

CARRIERS = (
    # A value of any text, known by what stands around it.
    Rule(
        "password",
        ("://",),
        re.compile(r"://[^\s:/@?#\"'<>]{0,100}:(?P<secret>[^\s/\"'<>]{1,200})@(?=[\w\[{$.-])"),
        plausible.not_a_template,
    ),
    Rule(  # people forget to escape a slash, and everything reads on to the last @ all the same
        "password",
        ("://",),
        re.compile(
            r"://[^\s:/@?#\"'<>]{1,100}:(?P<secret>(?!\d{1,5}/)[^\s/@\"'<>]{0,100}/[^\s@\"'<>]{0,100}(?<!/))@"
            r"(?=(?:[A-Za-z\[]|(?:\d{1,3}\.){3}\d)[\w.\]-]{0,200}(?:[:/?\s\"',;)]|$))"
        ),
        plausible.not_a_template,
    ),
    Rule(  # Go's way to name a database
        "password",
        ("@tcp", "@unix"),
        re.compile(r"(?<![\w:/])[\w.-]{1,60}:(?P<secret>[^\s\"'`@]{1,200})@(?:tcp6?|unix)\("),
        plausible.not_a_template,
    ),
    Rule(
        "token",
        ("://",),
        re.compile(r"://(?P<secret>[A-Za-z0-9_-]{20,200})@(?=[\w.-]{3})"),
        plausible.weak,
    ),
    Rule(
        "cookie",
        ("cookie",),
        re.compile(
            rf"(?i:(?<![\w])(?:set-)?cookie){QUOTE}?[ \t]{{0,3}}[:=,][ \t]{{0,3}}{QUOTE}?"
            r"(?P<secret>[\w.%-]{1,80}=[^\r\n\"'\\]{3,4000})"
        ),
    ),
    Rule(  # of all that Digest sends, this is made from the password
        "authorization",
        ("digest ",),
        re.compile(
            rf"(?i:(?<!\w)digest) [^\r\n]{{0,500}}?(?<!\w)response={QUOTE}?(?P<secret>[0-9a-fA-F]{{32,64}})"
        ),
    ),
    Rule(
        "authorization",
        ("auth",),
        re.compile(
            rf"(?i:(?<![A-Za-z])authorization){QUOTE}?[ \t]{{0,3}}[:=,][ \t]{{0,3}}[bf]?{QUOTE}?"
            rf"(?i:(?:{_SCHEMES})[ \t]{{1,3}})"
            r"(?:token=\"?)?(?P<secret>[^\s\"'\\<{$][^\s\"'\\]{3,2000}+(?:(?<=,) [^\s\"'\\]{1,500}+){0,9})"
        ),
        plausible.not_a_template,
    ),
    Rule(
        "authorization",
        ("bearer ", "basic ", "ssws "),
        re.compile(r"(?<![A-Za-z])(?i:bearer|basic|ssws) (?P<secret>[\w.~+/-]{12,2000}+={0,2})"),
        plausible.weak,
    ),
    Rule(
        "azure-key",
        ("accountkey=", "sharedaccesskey="),
        re.compile(r"(?i:AccountKey|SharedAccessKey)=(?P<secret>[A-Za-z0-9+/%]{20,200}+={0,2})"),
    ),
    Rule("azure-sas", ("sig=",), re.compile(r"(?<![A-Za-z])sig=(?P<secret>[A-Za-z0-9%+/_-]{20,200}+={0,2})")),
    Rule(
        "aws-secret",
        ("secret",),
        re.compile(
            rf"(?i:secret_?-?(?:access)?_?-?key){IS}{QUOTE}?(?P<secret>[A-Za-z0-9/+]{{40}})(?![A-Za-z0-9/+=])"
        ),
    ),
    Rule(
        "password",
        ("identified by", "password"),
        re.compile(
            r"(?i:identified by|password(?: for [^=\n]{1,60} =)?) {1,3}[eE]?'(?P<secret>[^'\n]{1,200})'"
        ),
        plausible.strong,
    ),
    Rule(  # connection strings, where only a semicolon ends a value
        "password",
        (";pass", ";pwd"),
        re.compile(r";(?i:password|passwd|pwd)=(?P<secret>[^;\"'\r\n]{3,200})(?=[;\"'\r\n]|$)"),
        plausible.strong,
    ),
    Rule(
        "password",
        ("auth",),
        re.compile(
            r"(?i:auth)[\"']?[=:] ?\([\"'][^\"'\n]{1,80}[\"'], ?[\"'](?P<secret>[^\"'\n]{1,200})[\"']\)"
        ),
    ),
    Rule(
        "password",
        HINTS,
        re.compile(
            rf"<(?i:[\w:.-]{{0,40}}?{NAMED})(?:\s[^<>]{{0,200}})?>(?P<secret>[^<>\s][^<>]{{2,500}})</"
        ),
        plausible.named,
    ),
)

PAIRS = (
    # A name and its value, where the name tells how sure it is that the value is secret.
    Rule(
        "password",
        HINTS,
        re.compile(
            rf"(?m:^)[ \t]{{0,12}}(?:export |set |ENV |- )?(?:[A-Z0-9_]{{0,50}}?)(?i:{NAMED})(?P<is>=)"
            r"(?![\"' ])(?P<secret>\S{3,1000})"
        ),
        plausible.environment,
    ),
    Rule(
        "password",
        HINTS,
        re.compile(
            rf"(?i:{NAMED}){IS}(?:[bfrunN]{{1,2}}(?=[\"'])|\s{{0,9}}string\(\d{{1,4}}\) |Some\(|value )?"
            rf"(?P<q>\\{{0,3}}[\"'`])(?P<secret>[^\"'`\n\\]{{3,1000}})"
        ),
        plausible.quoted,
    ),
    Rule(
        "password",
        HINTS,
        re.compile(
            rf"(?i:{NAMED}){IS}(?P<secret>[^\s\"'`&;,<>(){{}}\[\]|\\=][^\s\"'`&;,<>(){{}}\[\]|\\]{{2,1000}}+)"
        ),
        plausible.bare,
    ),
)

CARDS = (
    Rule(
        "card", ("",), re.compile(r"(?<![\w.-])[3-6]\d{3}(?:[ -]?\d{2,6}){2,4}(?![\w-]|\.\d)"), plausible.card
    ),
    Rule(
        "iban",
        ("",),
        re.compile(r"(?<![\w.-])[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?(?!\w)"),
        plausible.iban,
    ),
)

CREDENTIALS = (*KEYS, *TOKENS, *CARRIERS, *COMMANDS, *TOLD, *APART, *PAIRS, CONTINUED, *CARDS)

EMAIL = Rule(
    "email",
    ("@", "%40"),
    re.compile(
        r"(?<![\w.+%-])[A-Za-z0-9][\w.+%-]{0,63}(?:@|%40)(?:[A-Za-z0-9][A-Za-z0-9-]{0,62}\.){1,5}[A-Za-z]{2,24}(?![\w@-])"
    ),
    plausible.email,
)
IP4 = re.compile(r"(?<![\w.-])\d{1,3}(?:\.\d{1,3}){3}(?![\w-]|\.\d)")
IP6 = re.compile(r"(?<![\w:.])[0-9A-Fa-f]{1,4}(?::{1,2}[0-9A-Fa-f]{1,4}){2,7}(?![\w:])")
