"""A name and its value apart: in two attributes or items, in a form, or on two lines."""

from __future__ import annotations

import re

from investigator.redaction import plausible
from investigator.redaction.names import HINTS, NAMED, QUOTE
from investigator.redaction.rule import Rule

_CALLED = rf"(?i:[\w.-]{{0,40}}?{NAMED})"
_ONE_MORE = rf"(?:{QUOTE}?\w{{1,30}}{QUOTE}?[ ]?[:=] ?{QUOTE}?[\w.-]{{1,60}}{QUOTE}?,?\s{{1,60}})"
_NEXT_LINE = r"[ \t]{0,4}\r?\n[ \t]{1,60}"
_LONG_LINE = r"[A-Za-z0-9+/=_-]{16,1000}"
_ENDS = r"[ \t]*(?:[\r\n]|$)"
_NEXT_LITERAL = r"[\"'][ \t]{0,4}[\\+.]?[ \t]{0,4}\r?\n[ \t]{0,60}[+.]?[ \t]{0,4}[\"']"

APART = (
    Rule(  # of JSON, YAML and XML
        "password",
        ("value",),
        re.compile(
            rf"(?i:(?<!\w)(?:name|key)){QUOTE}?[ ]?[:=] ?{QUOTE}?(?i:[\w./-]{{0,80}}?{NAMED}){QUOTE}?,?"
            rf"\s{{1,60}}{_ONE_MORE}?{QUOTE}?(?i:value){QUOTE}?[ ]?[:=] ?"
            rf"{QUOTE}?(?P<secret>[^\"'\n\\]{{3,1000}})"
        ),
        plausible.named,
    ),
    Rule(
        "password",
        HINTS,
        re.compile(rf"\[ ?{QUOTE}{_CALLED}{QUOTE}, ?{QUOTE}(?P<secret>[^\"'\n\\]{{8,1000}}){QUOTE} ?\]"),
        plausible.quoted_long,
    ),
    Rule(  # Erlang
        "password",
        ("<<",),
        re.compile(rf"{_CALLED}, ?<<{QUOTE}(?P<secret>[^\"'\n\\]{{3,1000}}){QUOTE}>>"),
        plausible.named,
    ),
    Rule(
        "password",
        ("form-data",),
        re.compile(
            rf"(?<!\w)name={QUOTE}{_CALLED}{QUOTE}(?:\r?\n|\\{{1,3}}r\\{{1,3}}n|\\{{1,3}}n){{2}}"
            r"(?P<secret>[^\r\n\\]{3,1000})"
        ),
        plausible.named,
    ),
    Rule(
        "password",
        ("%22",),
        re.compile(
            rf"%22{_CALLED}%22(?:%20)?%3[aA](?:%20)?%22(?P<secret>(?:(?!%22)[^\s\"'&]){{3,1000}})(?=%22)"
        ),
        plausible.named,
    ),
    Rule(  # in YAML and in JSON that is set widely
        "password",
        HINTS,
        re.compile(
            rf"(?i:{NAMED}){QUOTE}?[ \t]{{0,4}}:[ \t]{{0,4}}(?:[|>][+-]?)?{_NEXT_LINE}{QUOTE}?"
            rf"(?P<secret>[^\s\"':,{{}}\[\]<>]{{8,1000}}(?:{_NEXT_LINE}{_LONG_LINE}(?={_ENDS})){{0,40}})"
            rf"(?=[\"',]|{_ENDS})"
        ),
        plausible.quoted_long,
    ),
    Rule(
        "private-key",
        ("key",),
        re.compile(
            r"(?i:(?<![\w-])(?:client-key-data|tls\.key|ca\.key|ssh-privatekey))[\"']?: ?[\"']?"
            r"(?P<secret>[A-Za-z0-9+/=]{40,}+)"
        ),
    ),
    Rule(
        "password",
        ("machine ",),
        re.compile(
            r"(?<!\w)machine\s{1,9}\S{1,200}\s{1,9}login\s{1,9}\S{1,100}\s{1,9}password\s{1,9}(?P<secret>\S{1,200})"
        ),
    ),
)

CONTINUED = Rule(  # a text that goes on in the next literal, after a placeholder for its beginning
    "secret",
    ("\n",),
    re.compile(
        rf"\[secret:[a-z0-9-]{{1,40}}:\d{{1,6}}\](?P<secret>(?:{_NEXT_LITERAL}{_LONG_LINE}){{1,40}})"
        r"(?=[\"'])"
    ),
)
