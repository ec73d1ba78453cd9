"""A stack trace pasted into Slack is read as Sentry would have told it."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from investigator.models.sentry import SentryEvent
from investigator.pasted.trace import parse_trace

PYTHON = """look at this:
```Traceback (most recent call last):
  File "/srv/app/store.py", line 7, in load
    return rows[key]
KeyError: 'sku'

The above exception was the direct cause of the following exception:

Traceback (most recent call last):
  File "/usr/lib/python3.11/threading.py", line 975, in run
    self._target()
  File "/srv/app/cart.py", line 41, in total
    raise CartError("cart is broken") from error
shop.errors.CartError: cart is broken```
any idea?"""
JAVA = """Exception in thread "main" com.acme.shop.OrderException: no order
\tat com.acme.shop.Orders.find(Orders.java:31)
\tat java.base/java.lang.Thread.run(Thread.java:840)
Caused by: java.lang.NullPointerException: id is null
\tat com.acme.shop.Ids.check(Ids.java:12)
\t... 3 more"""
NODE = """TypeError: Cannot read properties of undefined (reading 'total')
    at priceOf (/srv/app/src/price.js:12:21)
    at async Cart.total (/srv/app/src/cart.js:40:9)
    at /srv/app/node_modules/express/lib/router.js:5:3
    at node:internal/timers:569:17"""
GO = """panic: runtime error: index out of range [3] with length 3

goroutine 1 [running]:
panic({0x4a0, 0xc00})
\t/usr/local/go/src/runtime/panic.go:884 +0x213
main.pick(...)
\t/srv/app/pick.go:17
main.main()
\t/srv/app/main.go:9 +0x1d
exit status 2"""
RUBY = """app/models/cart.rb:12:in `total': undefined method `price' for nil:NilClass (NoMethodError)
\tfrom app/controllers/carts.rb:7:in `show'
\tfrom /usr/lib/ruby/gems/3.2/gems/rack/lib/rack.rb:20:in `call'"""


def read(text: str) -> SentryEvent:
    event = parse_trace(text)
    assert event is not None, "the trace is recognised"
    return event


@pytest.mark.parametrize(
    ("text", "platform", "title", "crash"),
    [
        (PYTHON, "python", "CartError: cart is broken", ("/srv/app/cart.py", 41, "total")),
        (JAVA, "java", "OrderException: no order", ("com/acme/shop/Orders.java", 31, "find")),
        (
            NODE,
            "javascript",
            "TypeError: Cannot read properties of undefined (reading 'total')",
            ("/srv/app/src/price.js", 12, "priceOf"),
        ),
        (
            GO,
            "go",
            "panic: runtime error: index out of range [3] with length 3",
            ("/srv/app/pick.go", 17, "main.pick"),
        ),
        (
            RUBY,
            "ruby",
            "NoMethodError: undefined method `price' for nil:NilClass",
            ("app/models/cart.rb", 12, "total"),
        ),
    ],
)
def test_the_crash_is_the_last_frame(
    text: str, platform: str, title: str, crash: tuple[str, int, str]
) -> None:
    event = read(text)
    last = event.frames[-1]
    assert (event.platform, event.title) == (platform, title)
    assert (last.filename, last.line, last.function) == crash
    assert last.in_app, "the team's own code"


def test_causes_come_before_what_they_caused() -> None:
    assert [each.type for each in read(PYTHON).exceptions] == ["KeyError", "CartError"]
    assert [each.type for each in read(JAVA).exceptions] == ["NullPointerException", "OrderException"]


@pytest.mark.parametrize("text", [PYTHON, JAVA, NODE, RUBY])
def test_libraries_are_not_ours(text: str) -> None:
    assert not read(text).frames[0].in_app


def test_the_line_of_code_comes_along() -> None:
    assert read(PYTHON).frames[-1].context_line == 'raise CartError("cart is broken") from error'


def test_what_slack_escaped_is_read_as_it_was() -> None:
    text = 'Traceback (most recent call last):\n  File "a.py", line 1, in &lt;module&gt;\nE: 1 &amp; 2'
    assert (read(text).frames[0].function, read(text).title) == ("<module>", "E: 1 & 2")


@pytest.mark.parametrize(
    "text", ["", "the cart is broken", "Error: no", "at home (since 10:30)", "panic: no"]
)
def test_what_is_no_trace_is_none(text: str) -> None:
    assert parse_trace(text) is None


@given(st.lists(st.sampled_from([*PYTHON, *JAVA, *NODE, *GO, *RUBY, "\n", " at ", 'File "']), max_size=400))
@settings(max_examples=60, deadline=None)
def test_no_text_breaks_the_reader(pieces: list[str]) -> None:
    event = parse_trace("".join(pieces))
    assert event is None or event.frames
