"""Is what stands where a secret would stand really one? Second looks at matches of the rules. Pure."""

from __future__ import annotations

import re
from itertools import pairwise

_NOTHING = re.compile(
    r"none|null|nil|true|false|undefined|yes|no|on|off|empty|missing|unset|not[_ -]?set|required|optional|"
    r"invalid|expired|unknown|default|redacted|filtered|hidden|masked|removed|str|string|bytes|int|bool|"
    r"boolean|object|any|text|value|values|self|this|enabled|disabled|sensitive|varchar|char|uuid|number|"
    r"ok|new|await|return|import|argon2(?:id?|d)|bcrypt|scrypt|pbkdf2\w{0,12}",
    re.IGNORECASE,
)
_TEMPLATE = re.compile(
    r"[<{]|\$[\w{(]|%[sdrvq({]|%\w+%|\[(?:secret:|Filtered|REDACTED|redacted|MASKED|\w+\])|\.\.\.|…"
)
_RULES = re.compile(r"[a-z_]+(?::[\w,.]+)?(?:\|[a-z_]+(?::[\w,.]+)?)+")  # of a validator
_STARRED = re.compile(r"([*xX.•#?_-])\1*")
_PATH = re.compile(r"[A-Za-z_]\w*(?:(?:\.|->|::)[A-Za-z_]\w*)+[.,;:]?")
_FILLED_IN = re.compile(r"\{[A-Za-z_][\w.!:()\[\]]*\}")
_IDENTIFIER = re.compile(
    r"_?[A-Za-z]+(?:_[A-Za-z]+)+|_[A-Za-z]+|[a-z]+(?:[A-Z][a-z]+)+|[A-Z][a-z]+(?:[A-Z][a-z]*)+"
)
_SNAKE = re.compile(r"(?=.{0,20}(?:token|key|secret|session|auth))[a-z]+(?:_[a-z]+)*_[a-z]+\d?")
_CALL = re.compile(r"[A-Za-z_][\w.]*[(\[]|[\w.]+,$")
_WORD = re.compile(r"pass|password|passwd|pwd|secret|token", re.IGNORECASE)
_LETTERS = re.compile(r"[A-Za-z]+")
_NAME_OR_TAG = re.compile(  # `db-password` is what a secret is called, `!Ref` makes YAML look elsewhere
    r"[a-z]+(?:-[a-z]+)*-(?:password|secret|token|key|credentials)s?|![A-Z][A-Za-z]{1,20}"
)
_NAMED_LIKE = re.compile(
    r"pass|pwd|secret|token|key|credential|cookie|session|auth|otp|csrf|sig", re.IGNORECASE
)
_SENTENCE = re.compile(
    r"\b(?:is|are|was|were|the|this|that|must|may|be|your|our|not|an?|of|for|to|from|with|required|field|please)\b",
    re.IGNORECASE,
)
_STRONG = re.compile(r"pass|pwd|secret", re.IGNORECASE)
_CARD = re.compile(
    r"4\d{15}|5[1-5]\d{14}|2[2-7]\d{14}|3[47]\d{13}|6(?:011|5\d\d)\d{12}|35\d{14}|3[068]\d{12}"
)
_METHOD = re.compile(
    r"(?i:sha|md|bcrypt|scrypt|argon|utf|base|aes|rsa|hs|rs|es|oauth|pbkdf|x)-?\d+\b|https?:|v\d"
)
_MEASURE = re.compile(r"\d+[a-z]+|[\d.:-]+(?:[tTzZ][\d.:+-]*)?|\w+(?:-\w+){2,}|[\w.-]+\(\)")
_NO_MAIL = re.compile(
    r"(?:^|[@.])(?:example(?:\.\w+)?|localhost|invalid|test|local)$"
    r"|\.(?:png|jpe?g|gif|svg|webp|ico|css|js|mjs|ts|tsx|jsx|py|rb|go|rs|java|kt|json|ya?ml|html?|md|txt|so|service)$",
    re.IGNORECASE,
)


def not_a_template(found: re.Match[str]) -> bool:
    """Any value, unless it shows how such an address or header is written."""
    return not (_stands_for_something(found["secret"]) or _WORD.fullmatch(found["secret"]))


def told(found: re.Match[str]) -> bool:
    """In a sentence only what no sentence would say: a digit or a sign inside, and no name of a method."""
    value = found["secret"]
    if _stands_for_something(value) or _METHOD.match(value):
        return False
    letters, digits = any(c.isalpha() for c in value), any(c.isdigit() for c in value)
    return (letters and digits and not _MEASURE.fullmatch(value)) or any(
        c in "!@#$%^&*+=" for c in value[1:-1]
    )


def told_at_once(found: re.Match[str]) -> bool:
    """Without a word between: letters as well as digits."""
    value = found["secret"]
    return told(found) and any(c.isdigit() for c in value) and any(c.isalpha() for c in value)


def mixed_case(found: re.Match[str]) -> bool:
    text = found[0]
    return text.lower() != text and text.upper() != text and any(c.isdigit() for c in text[2:])


def strong(found: re.Match[str]) -> bool:
    """Whatever is called a password is one, unless it only stands for it."""
    value, name = found["secret"], found.groupdict().get("name") or ""
    if name.lower() == "pwd" and value.startswith("/"):
        return False  # the working directory
    return not (
        _stands_for_something(value)
        or _NOTHING.fullmatch(value.rstrip("!?"))
        or _RULES.fullmatch(value)
        or _is_sentence(value)
    )


def weak(found: re.Match[str]) -> bool:
    """Keys, tokens and cookies are not words: long, and with digits or of one long piece."""
    return _random(found["secret"])


def named(found: re.Match[str]) -> bool:
    return strong(found) if _STRONG.search(found["name"]) else weak(found) and strong(found)


def environment(found: re.Match[str]) -> bool:
    """`NAME=value`, alone on its line: the value may hold any sign; in lower case it may as well be code."""
    upper = found["name"].isupper()
    return named(found) and (upper or not _CALL.match(found["secret"])) and not _is_code(found, upper)


def quoted(found: re.Match[str]) -> bool:
    value = found["secret"]
    if not named(found):
        return False
    return not (_IDENTIFIER.fullmatch(value) and _NAMED_LIKE.search(value))


def quoted_long(found: re.Match[str]) -> bool:
    """Where a name and what stands after it need not belong together: what looks like a secret by itself."""
    return _random(found["secret"].split(maxsplit=1)[0]) and quoted(found)


def argument(found: re.Match[str]) -> bool:
    """`("pass", "password")` is a pair of names."""
    return quoted(found) and not _WORD.fullmatch(found["secret"])


def bare(found: re.Match[str]) -> bool:
    """A value without quotes may be code: a name, an attribute, a type, a call."""
    value, name = found["secret"].rstrip(".:"), found["name"].lower()
    if not named(found) or _is_code(found, upper=False) or _NAME_OR_TAG.fullmatch(value):
        return False
    if (
        found["is"] == ":"
        and found.string[found.start("name") - 1] == ":"
        and found.string[found.end("is")] != " "
    ):
        return False  # as in `arn:aws:secretsmanager:…:secret:prod/db`
    if (name == "pass" and value.isdigit()) or (_SNAKE.fullmatch(value) and not _STRONG.search(name)):
        return False  # tests that passed; a variable called `old_token2`
    spaced = found["is"] == ":" or found.string[found.start("secret") - 1] in " \t"
    if _is_jumbled(value):
        return True
    letters_only = _LETTERS.fullmatch(value) is not None
    if letters_only and (_NAMED_LIKE.search(value) or not value.islower()):
        return not spaced and not _NAMED_LIKE.search(value) and not value.istitle()
    return not (letters_only and spaced) or _is_yaml(found)


def card(found: re.Match[str]) -> bool:
    digits = re.sub(r"\D", "", found[0])
    if not _CARD.fullmatch(digits):
        return False
    doubled = (int(d) * (2 if at % 2 else 1) for at, d in enumerate(reversed(digits)))
    return sum(n - 9 if n > 9 else n for n in doubled) % 10 == 0


def iban(found: re.Match[str]) -> bool:
    text = found[0].replace(" ", "")
    return 15 <= len(text) <= 34 and int("".join(str(int(c, 36)) for c in text[4:] + text[:4])) % 97 == 1


def email(found: re.Match[str]) -> bool:
    return _NO_MAIL.search(found[0]) is None and not found[0].startswith("git@")


def _stands_for_something(value: str) -> bool:
    return bool(_TEMPLATE.match(value) or _STARRED.fullmatch(value) or _FILLED_IN.search(value))


def _is_sentence(value: str) -> bool:
    return " " in value and (_SENTENCE.search(value) is not None or len(value.split()) > 6)


def _random(value: str) -> bool:
    value = value.rstrip("\"',;")
    if len(value) < 8 or " " in value:
        return False
    if any(c.isdigit() for c in value):
        return _PATH.fullmatch(value) is None or len(value) > 30
    return len(value) >= 20 and value.isalpha() and not value.istitle()


def _is_code(found: re.Match[str], upper: bool) -> bool:
    value, after = found["secret"].rstrip(".:"), found.string[found.end() : found.end() + 1]
    if after and after in "([{":
        return True
    identifier = _PATH.fullmatch(value) or _IDENTIFIER.fullmatch(value)
    return bool(identifier) and not any(c.isdigit() for c in value) and not upper and not _is_jumbled(value)


def _is_jumbled(value: str) -> bool:
    """Letters only, which go up and down as no words written together do."""
    turns = sum(one.isupper() != other.isupper() for one, other in pairwise(value))
    return len(value) >= 10 and value.isalpha() and turns >= len(value) / 2


def _is_yaml(found: re.Match[str]) -> bool:
    """`password: letmein`, alone on its line; `password: str` is excluded as a type."""
    text = found.string
    before = text[text.rfind("\n", 0, found.start()) + 1 : found.start("name")]
    after = text[found.end("secret") : found.end("secret") + 1]
    return found["is"] == ":" and after in {"", "\n", "\r"} and not before.strip(" -")
