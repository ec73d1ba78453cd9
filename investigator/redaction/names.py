"""What secrets are called, and what may stand between such a name and its value."""

from __future__ import annotations

import re

QUOTE = r"(?:\\{0,3}[\"'])"
# Names whose value is a secret whatever it is, and names of what has to look like one.
_STRONG = (
    r"(?:pass(?:word|wd|wort|phrase|code)s?|(?<![a-z])(?:pass|(?:bind|root|admin|user|db)?pw)|(?:store|key)pass|pwd|secrets?"
    r"|kennwort|contrase(?:ñ|n)a|wachtwoord|mot_de_passe)"
)
_KEYS = (
    r"api|app|application|access|private|signing|encryption|account|routing|integration|license|licence|"
    r"master|shared(?:[_-]?access)?|service|auth|client|subscription|webhook|deploy|storage"
)
_WEAK = (
    rf"(?:(?:{_KEYS})[_-]?key|token|credentials?|cookie|(?:j|php)?sess(?:ion)?(?:[_-]?(?:id|key))?"
    r"|auth(?:orization)?|sig(?:nature)?|otp|csrf|code_verifier|salt|(?<![_-])sid)"
)
_TAIL = r"(?:[_-]?(?:access[_-]?key|key|token|value|hash|string|env|text|base|raw|old|new|[0-9]{1,2})){0,2}"
_CAMEL = r"(?<=[a-z])(?-i:Token|ApiKey|AccessKey|AuthKey)"
NAMED = rf"(?P<name>(?:{_STRONG}|(?<![a-z]){_WEAK}|{_CAMEL}){_TAIL})"
IS = rf"{QUOTE}?\]?[ \t]{{0,4}}(?P<is>:=|=>|={{1,2}}|:|%3[dD])[ \t]{{0,4}}"

STRONG_NAME = re.compile(_STRONG, re.IGNORECASE)
NAME = re.compile(
    rf"{_STRONG}|(?:{_KEYS})[_-]?key|token|credential|cookie|sess(?:ion)?(?:[_-]?id)?$|csrf"
    r"|(?<![a-z])auth(?![a-z])|authorization",
    re.IGNORECASE,
)
HINTS = (
    "pass",
    "pw",
    "secret",
    "token",
    "key",
    "cred",
    "cookie",
    "sess",
    "auth",
    "sig",
    "otp",
    "csrf",
    "sid",
    "wort",
    "woord",
    "contrase",
    "salt",
    "verifier",
)
