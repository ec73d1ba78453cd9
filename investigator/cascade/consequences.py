"""Whether an error that names nobody is what one sees when somebody else failed. Pure."""

from __future__ import annotations

import re

from investigator.cascade.said import Said

_ANSWER_MISSING = re.compile(
    r"'NoneType' object (?:has no attribute '(?:get|json|status_code|headers|body)'|is not subscriptable)|"
    r"reading '(?:data|status|headers|body|json|statusCode)'|"
    r"undefined method [`'](?:body|status|code|parsed_response|headers)' for nil"
)
_ANSWER_UNREADABLE = re.compile(
    r"Expecting value: line 1 column 1|Unexpected token '?<|Unexpected end of JSON|"
    r"invalid character '<'|unexpected end of JSON|unexpected EOF|unexpected token at '['<]|"
    r"'<' is an invalid start|Unrecognized token 'upstream'|[Ss]tatus line|commands out of sync|"
    r"AMQ::Protocol|BadStatusLine|Expected HTTP/|unexpected mimetype|Packet sequence number wrong|"
    r"Protocol Error: b['\"]|Unknown RESP type|Frame size \d{1,20} exceeds"
)
# Said of whatever went wrong with a request: an issue's title lacks the cause that would say more.
_REQUEST_FAILED = re.compile(r"^TypeError: (?:fetch failed|terminated)$|Server broke connection")
_SHAPES = (_ANSWER_MISSING, _ANSWER_UNREADABLE, _REQUEST_FAILED)
_BLAND = re.compile(
    r"^(?:KeyError|IndexError|TypeError|AttributeError|NoMethodError|NullPointerException|Error)\b"
)
_CLIENT = re.compile(
    r"client|gateway|upstream|remote|\brpc\b|\bapi\b|http|adapter|connector|integrations?\b|proxy",
    re.IGNORECASE,
)
_NEAR = 3  # frames from the crash on: further out, “api” is what the service itself was asked at


def is_consequence(said: Said, *, failed: bool, program: str | None = None) -> bool:
    """`failed`: its words say that a call to another system went wrong. `program`: the project's name,
    which tells nothing in the names of its own modules.
    """
    if failed or any(shape.search(said.text) for shape in _SHAPES):
        return True
    near = "\n".join(said.stack.splitlines()[-_NEAR:])
    return bool(_BLAND.match(said.text) and _CLIENT.search(_without(near, program)))


def _without(stack: str, program: str | None) -> str:
    """However it is spelled: `payment-api`, `payment_api`."""
    words = [re.escape(word) for word in re.split(r"[-_. ]+", program or "") if word]
    return re.sub("[-_. ]?".join(words), "", stack, flags=re.IGNORECASE) if words else stack
