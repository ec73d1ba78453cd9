"""Secrets as people hand them to commands and to functions."""

from __future__ import annotations

import re

from investigator.redaction import plausible
from investigator.redaction.names import HINTS, NAMED, QUOTE
from investigator.redaction.rule import Rule

_AUTHENTICATES = r"credentials?|basic_?auth|authenticate|login|log_in|sign_?in"

COMMANDS = (
    Rule(
        "password",
        ("-u ", "-user "),
        re.compile(
            r"(?<!\S)(?:-u|--(?:proxy-)?user)[ =][\"']?(?:[\w.@+-]{1,80}|\[secret:[a-z0-9-]{1,40}:\d{1,6}\])"
            r":(?P<secret>[^\s\"']{3,200})"
        ),
        plausible.not_a_template,
    ),
    Rule(
        "password",
        ("sshpass", "redis-cli", "mysql", "ldap", " login "),
        re.compile(
            r"(?:sshpass -p ?|redis-cli [^\n]{0,60}?-a |mysql\w* [^\n]{0,60}?(?<= )-p"
            r"|ldap\w{1,10} [^\n]{0,200}?(?<= )-w ?|(?<= )login [^\n]{0,200}?(?<= )-p ?)"
            r"[\"']?(?P<secret>[^\s\"'-][^\s\"']{2,200})"
        ),
        plausible.not_a_template,
    ),
    Rule(
        "password",
        HINTS,
        re.compile(
            rf"(?<!\S)--?(?i:[a-z0-9_-]{{0,30}}?{NAMED})[ =][\"']?(?P<secret>[^\s\"'-][^\s\"']{{2,500}})"
        ),
        plausible.named,
    ),
    Rule(
        "password",
        ("net use",),
        re.compile(
            r"(?i:net use) (?:[A-Za-z]:|\*)? ?\\{2,4}\S{1,200} (?:/\S{1,100} ){0,3}"
            r"(?P<secret>[^\s/*\\]\S{2,200})"
        ),
    ),
    Rule(  # what sets a variable without a sign between it and its value
        "password",
        ("env ", "arg ", "config", " set "),
        re.compile(
            rf"(?i:(?<!\w)(?:env|arg|configure|config|set|setenv)) (?:set |token |-\w{{1,8}} )?"
            rf"(?i:[\w./:@-]{{0,80}}?{NAMED}) [\"']?(?P<secret>[^\s\"'=]{{8,1000}})"
        ),
        plausible.quoted_long,
    ),
    Rule(  # the arguments of define, put, setProperty and their like
        "password",
        HINTS,
        re.compile(
            rf"\( ?{QUOTE}(?i:[\w.-]{{0,40}}?{NAMED}){QUOTE}, ?"
            rf"{QUOTE}(?P<secret>[^\"'\n\\]{{3,1000}}){QUOTE} ?\)"
        ),
        plausible.argument,
    ),
    Rule(  # functions that log in with a name and a password
        "password",
        ("cred", "auth", "log", "sign"),
        re.compile(
            rf"(?i:(?:{_AUTHENTICATES}))\( ?{QUOTE}[^\"'\n\\]{{1,80}}{QUOTE}, ?"
            rf"{QUOTE}(?P<secret>[^\"'\n\\]{{3,200}}){QUOTE}"
        ),
        plausible.told,
    ),
)
