"""`pilot catalog import` as a person runs it."""

from __future__ import annotations

from pathlib import Path

import yaml
from click.testing import CliRunner

from bot.cli import main

COMPONENT = "kind: Component\nmetadata: {name: shop}\nspec: {dependsOn: ['component:gone']}\n"


def test_it_prints_a_catalogue_and_tells_what_was_left_out_beside_it(tmp_path: Path) -> None:
    file = tmp_path / "catalog-info.yaml"
    file.write_text(COMPONENT)

    result = CliRunner().invoke(main, ["catalog", "import", str(file)])

    assert result.exit_code == 0, result.output
    assert yaml.safe_load(result.stdout) == {"services": {"shop": {}}}
    assert f"{file}:3: shop names component 'gone'" in result.stderr


def test_a_file_that_cannot_be_read_is_wrong_usage(tmp_path: Path) -> None:
    (tmp_path / "binary").write_bytes(b"\xff\xfe\x00")

    for name in ("absent.yaml", "binary"):
        result = CliRunner().invoke(main, ["catalog", "import", str(tmp_path / name)])

        assert result.exit_code == 2
        assert f"{tmp_path / name}: cannot be read" in result.stderr
        assert result.stdout == ""
