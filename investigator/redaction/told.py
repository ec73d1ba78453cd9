"""Secrets as sentences tell them, and as shells, protocols and configurations show them in their own ways."""

from __future__ import annotations

import re

from investigator.redaction import plausible
from investigator.redaction.rule import Rule

_CALLED = (
    r"(?:pass(?:word|wd|phrase|code)|pwd|secret|(?:access |auth )?token"
    r"|(?:api|access|auth|license|private|signing|write)[ _-]?key)"
)
_PASS = ("passw", "passp", "passc", "pwd")
_SET = r"(?:now |(?:set|changed|reset|updated|rotated) to )"
_IS_NOW = rf" (?:(?:is|was|has been):? {_SET}?|{_SET}|to )"
_VALUE = r"[\"'`]?(?P<secret>[^\s\"'`<>(){}]{5,99}[^\s\"'`<>(){}.,;:!?])"

TOLD = (
    Rule(
        "password",
        (" is ", " was ", " to ", " has been "),
        re.compile(rf"(?i:(?<![\w-]){_CALLED}(?: for [\w.@-]{{1,60}})?{_IS_NOW}){_VALUE}"),
        plausible.told,
    ),
    Rule(
        "password",
        (*_PASS, "secret: ", "key: ", "token: "),
        re.compile(rf"(?i:(?<![\w-]){_CALLED}): {_VALUE}"),
        plausible.told,
    ),
    Rule(
        "password",
        _PASS,
        re.compile(rf"(?i:(?<![\w-])(?:insecure-)?pass(?:word|phrase|code)) {_VALUE}"),
        plausible.told_at_once,
    ),
    Rule(  # as tables of settings are printed
        "password",
        (*_PASS, "secret.", "token."),
        re.compile(rf"(?i:{_CALLED})\.{{3,80}}[\"']?(?P<secret>[^\s\"'.<*][^\s\"']{{2,200}})"),
        plausible.not_a_template,
    ),
    Rule(
        "oauth-code",
        ("code=",),
        re.compile(r"[?&]code=(?P<secret>[\w.~%/+-]{20,1000})"),
        plausible.weak,
    ),
    Rule(
        "cookie",
        ("curl",),
        re.compile(
            r"curl [^\n]{0,500}?(?<= )(?:-b|--cookie)[ =][\"']?(?P<secret>[\w.%-]{1,80}=[^\s\"']{8,4000})"
        ),
        plausible.weak,
    ),
    Rule(  # a header whose name says nothing
        "api-key",
        ("honeycomb-team",),
        re.compile(r"(?i:x-honeycomb-team)[\"']?[:=] ?[\"']?(?P<secret>\w{20,64})"),
    ),
    Rule(  # in a query everything up to the next sign of one is the value, words as well
        "password",
        ("pass", "pwd", "secret"),
        re.compile(r"[?&](?i:password|passwd|pwd|pass|(?:client_)?secret)=(?P<secret>[^&\s\"'<>;]{1,200})"),
        plausible.not_a_template,
    ),
    Rule(
        "password",
        ("jdbc:oracle",),
        re.compile(r"jdbc:oracle:\w{1,10}:[\w$#.-]{1,60}/(?P<secret>[^\s@\"']{1,100})@"),
        plausible.not_a_template,
    ),
    Rule(
        "password",
        (":5432:",),
        re.compile(r"(?m:^)[\w.*-]{1,200}:5432:[\w*-]{1,60}:[\w*-]{1,60}:(?P<secret>\S{1,200})$"),
        plausible.not_a_template,
    ),
    Rule(
        "password-hash",
        ("$",),
        re.compile(
            r"\$(?:2[abxy]\$\d\d\$[./A-Za-z0-9]{53}"
            r"|(?:argon2id?|scrypt|pbkdf2-sha\d{1,3}|apr1|[156y])\$[./A-Za-z0-9$,=+-]{20,300})"
        ),
    ),
    Rule(
        "password",
        ("securestring",),
        re.compile(r"(?i:ConvertTo-SecureString) (?:-String )?[\"'](?P<secret>[^\"'\n]{1,200})[\"']"),
    ),
    Rule(
        "password",
        ("sudo -s",),
        re.compile(r"echo [\"']?(?P<secret>[^\s\"'|]{1,200})[\"']? ?\| ?sudo -S"),
        plausible.not_a_template,
    ),
    Rule(
        "password",
        ("requirepass", "masterauth", "snyk auth"),
        re.compile(r"(?:requirepass|masterauth|snyk auth) (?P<secret>[^\s\"']{3,200})"),
        plausible.not_a_template,
    ),
    Rule(
        "authorization",
        ("auth ",),
        re.compile(r"(?<!\w)AUTH (?:PLAIN|LOGIN|XOAUTH2) (?P<secret>[A-Za-z0-9+/]{8,2000}={0,2})"),
    ),
    Rule(
        "password",
        ("auth ",),
        re.compile(r"(?m:^|[>\"] ?)AUTH (?:[\w-]{1,60} )?(?P<secret>[^\s\"']{3,200})(?=\"|$)"),
        plausible.told,
    ),
    Rule("saml", ("saml",), re.compile(r"SAML(?:Response|Request|art)=(?P<secret>[A-Za-z0-9%+/_=-]{40,})")),
    Rule(
        "otp",
        ("otp", "2fa", "mfa", "one_time", "one-time", "onetime", "verification"),
        re.compile(
            r"(?i:otp|(?:one[_-]?time|2fa|mfa|verification)[_-]?(?:code|pin))[\"']?\]? ?[=:] ?[\"']?"
            r"(?P<secret>\d{4,8})(?!\w)"
        ),
    ),
)
