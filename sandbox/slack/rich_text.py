"""What Slack accepts inside a `rich_text` block."""

from __future__ import annotations

from sandbox.slack.schema import Check, array, boolean, choice, number, record, string, tagged, url

KIND = string(255)
MOST = 1000  # Slack states no limit; ours keeps one element from being a denial of service

STYLE = record(
    {},
    dict.fromkeys(
        ("bold", "italic", "strike", "code", "underline", "highlight", "client_highlight", "unlink"), boolean
    ),
)


def _inline(required: dict[str, Check], optional: dict[str, Check] | None = None) -> Check:
    return record({"type": KIND, **required}, {"style": STYLE, **(optional or {})})


INLINE = tagged(
    {
        "text": _inline({"text": string(40_000)}),
        "link": _inline({"url": url()}, {"text": string(40_000, shortest=0), "unsafe": boolean}),
        "emoji": _inline(
            {"name": string(100)}, {"unicode": string(100), "skin_tone": number(1, 6), "url": url()}
        ),
        "user": _inline({"user_id": string(50)}),
        "usergroup": _inline({"usergroup_id": string(50)}),
        "channel": _inline({"channel_id": string(50)}),
        "team": _inline({"team_id": string(50)}),
        "broadcast": _inline({"range": choice("here", "channel", "everyone")}),
        "color": _inline({"value": string(50)}),
        "date": _inline(
            {"timestamp": number(), "format": string(1000)}, {"url": url(), "fallback": string(1000)}
        ),
    }
)
# Slack renders preformatted text as it is: only text and links may stand in it.
PLAIN_INLINE = tagged(
    {
        "text": _inline({"text": string(40_000)}),
        "link": _inline({"url": url()}, {"text": string(40_000, shortest=0), "unsafe": boolean}),
    }
)

SECTION = record({"type": KIND, "elements": array(INLINE, MOST, least=0)})
PARTS = tagged(
    {
        "rich_text_section": SECTION,
        "rich_text_preformatted": record(
            {"type": KIND, "elements": array(PLAIN_INLINE, MOST, least=0)},
            {"border": number(0, 1), "language": string(50)},
        ),
        "rich_text_quote": record(
            {"type": KIND, "elements": array(INLINE, MOST, least=0)}, {"border": number(0, 1)}
        ),
        "rich_text_list": record(
            {
                "type": KIND,
                "style": choice("bullet", "ordered"),
                "elements": array(tagged({"rich_text_section": SECTION}), MOST),
            },
            {"indent": number(0, 8), "offset": number(0), "border": number(0, 1)},
        ),
    }
)

RICH_TEXT = record({"type": KIND, "elements": array(PARTS, MOST)}, {"block_id": string(255)})
