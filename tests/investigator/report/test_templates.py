"""Templates cannot forget to escape, and cannot print what is not a block."""

from __future__ import annotations

from pathlib import Path

import jinja2
import pytest

import templates
from investigator.rendering import BadTemplate, Renderer
from tests.fixtures.slack_checker import check

SHIPPED = Path(templates.__file__).parent / "slack"


def with_template(directory: Path, blocks: str, text: str = "text") -> Renderer:
    for name in ("message.j2", "blocks.j2", "parts.j2"):
        (directory / name).write_text((SHIPPED / name).read_text())
    (directory / "own.j2").write_text(
        '{% extends "message.j2" %}{% block text %}'
        + text
        + "{% endblock %}{% block blocks %}\n"
        + blocks
        + "\n{% endblock %}"
    )
    return Renderer(directory)


def test_a_value_is_escaped_without_being_asked_to(tmp_path: Path) -> None:
    renderer = with_template(tmp_path, "{% call section() %}{{ value }}{% endcall %}", text="{{ value }}")
    message = renderer.render("own", value="<!channel> & 'quotes'")
    assert message.blocks[0]["text"]["text"] == "&lt;!channel&gt; &amp; 'quotes'"
    assert message.text == "&lt;!channel&gt; &amp; 'quotes'"


def test_plain_text_is_not_escaped(tmp_path: Path) -> None:
    message = with_template(tmp_path, "{{ header(value) }}").render("own", value="a < b & c")
    assert message.blocks[0]["text"]["text"] == "a < b & c", "a header would show the entities"


def test_a_value_is_never_a_template(tmp_path: Path) -> None:
    renderer = with_template(tmp_path, "{% call section() %}{{ value }}{% endcall %}")
    assert "49" not in renderer.render("own", value="{{ 7*7 }}").blocks[0]["text"]["text"]


def test_what_is_not_known_is_not_printed_as_none(tmp_path: Path) -> None:
    message = with_template(tmp_path, "{% call section() %}a{{ value }}b{% endcall %}").render(
        "own", value=None
    )
    assert message.blocks[0]["text"]["text"] == "ab"


def test_a_misspelt_value_is_an_error(tmp_path: Path) -> None:
    renderer = with_template(tmp_path, "{% call section() %}{{ valeu }}{% endcall %}")
    with pytest.raises(jinja2.UndefinedError, match="valeu"):
        renderer.render("own", value=1)


def test_stray_words_are_an_error_that_quotes_them(tmp_path: Path) -> None:
    with pytest.raises(BadTemplate, match="stray words"):
        with_template(tmp_path, "stray words").render("own")


def test_values_cannot_be_taken_apart(tmp_path: Path) -> None:
    renderer = with_template(tmp_path, "{% call section() %}{{ value.__class__.__mro__ }}{% endcall %}")
    with pytest.raises(jinja2.TemplateError):
        renderer.render("own", value="x")


@pytest.mark.parametrize("name", sorted(path.name for path in SHIPPED.glob("*.j2")))
def test_every_template_says_what_it_is_given(name: str) -> None:
    first_line = (SHIPPED / name).read_text().split("\n", 1)[0]
    assert first_line.startswith("{#"), "a template starts with what it is for and what it is given"


def test_a_broken_template_is_found_before_it_is_needed(tmp_path: Path) -> None:
    renderer = with_template(tmp_path, "{% call section() %}{{ value ")
    with pytest.raises(jinja2.TemplateSyntaxError):
        renderer.compile_all()


def test_every_template_that_ships_compiles(renderer: Renderer) -> None:
    renderer.compile_all()


PIECES = """
{{ header("Title") }}
{% call section() %}*a* {{ link("https://h/x", "b") }}{% endcall %}
{% call fields() %}
{% call field() %}*State* {{ "open" | code }}{% endcall %}
{% call field() %}{{ "<@U1>" }}{% endcall %}
{% endcall %}
{% call context() %}small{% endcall %}
{{ code_block("if a < b:") }}
{{ divider() }}
{{ image("https://h/timeline.png", "what happened when") }}
{% call actions() %}
{{ button("Re-run", "run", "42") }}
{{ link_button("Open", "open", "https://h") }}
{% endcall %}
"""


def test_every_piece_a_template_may_use_is_taken_by_slack(tmp_path: Path) -> None:
    message = with_template(tmp_path, PIECES).render("own")
    check(message)
    kinds = [block["type"] for block in message.blocks]
    assert kinds == [
        "header", "section", "section", "context", "rich_text", "divider", "image", "actions",
    ]  # fmt: skip
    assert message.blocks[2]["fields"][1]["text"] == "&lt;@U1&gt;"


def test_buttons_and_pictures_without_a_safe_address_are_left_out(tmp_path: Path) -> None:
    pieces = '{{ header("x") }}{{ image("file:///etc", "x") }}'
    buttons = '{% call actions() %}{{ link_button("Open", "open", none) }}{% endcall %}'
    message = with_template(tmp_path, f"{pieces}\n{buttons}").render("own")
    assert [block["type"] for block in message.blocks] == ["header"]
