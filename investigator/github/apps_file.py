"""The file behind GITHUB_APPS: which GitHub App reads, and writes, for which owners.

- app_id: 12345
  private_key: ./shop-reader.pem      # a path beside this file, or the PEM text itself
  owners: [acme, acme-labs]           # left out: tried for every owner
  installation_id: 678                # looked up when left out
  role: reader                        # or writer; left out: both
"""

from __future__ import annotations

from pathlib import Path

import jwt
import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from investigator.errors import ConfigurationError
from investigator.github.credentials import App, Role

PEM = "-----BEGIN"


class AppEntry(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    app_id: int
    private_key: str = Field(min_length=1)
    installation_id: int | None = None
    owners: tuple[str, ...] = Field(default=(), min_length=1)
    role: Role | None = None


def load_apps(path: Path) -> tuple[App, ...]:
    """Read the file (YAML or JSON) and check every key.

    Raises:
        ConfigurationError: naming the file, the line and the field.
    """
    root = _compose(path)
    if not isinstance(root, yaml.SequenceNode) or not root.value:
        raise ConfigurationError(
            f"GITHUB_APPS: {path}: a list of apps is needed, each with app_id and private_key"
        )
    return tuple(_app(path, node, _entry(path, node)) for node in root.value)


def _compose(path: Path) -> yaml.Node | None:
    try:
        return yaml.compose(path.read_text(encoding="utf-8"), Loader=yaml.SafeLoader)
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"GITHUB_APPS: {path} cannot be read: {error}") from error
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise _wrong(path, line, f"not valid YAML: {error.problem}") from error


def _entry(path: Path, node: yaml.Node) -> AppEntry:
    loader = yaml.SafeLoader("")
    try:
        return AppEntry.model_validate(loader.construct_object(node, deep=True))
    except ValidationError as error:
        first = error.errors()[0]
        field = str(first["loc"][0]) if first["loc"] else "app"
        raise _wrong(path, _line(node, field), f"{field}: {first['msg']}") from None
    finally:
        loader.dispose()


def _app(path: Path, node: yaml.Node, entry: AppEntry) -> App:
    key, line = entry.private_key, _line(node, "private_key")
    if not key.lstrip().startswith(PEM):
        try:
            key = (path.parent / key).read_text(encoding="ascii")
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "not a PEM text"
            raise _wrong(path, line, f"private_key: {entry.private_key} cannot be read: {reason}") from None
    try:
        jwt.encode({}, key, algorithm="RS256")
    except (ValueError, TypeError, jwt.PyJWTError):
        raise _wrong(path, line, "private_key: not an RSA private key in PEM form") from None
    if entry.installation_id is not None and len(entry.owners) != 1:
        what = "installation_id: an installation is at one owner, name that one in owners or leave the id out"
        raise _wrong(path, _line(node, "installation_id"), what)
    return App(entry.app_id, key, owners=entry.owners, installation_id=entry.installation_id, role=entry.role)


def _line(node: yaml.Node, field: str) -> int:
    pairs = node.value if isinstance(node, yaml.MappingNode) else []
    mark = next((key.start_mark for key, _ in pairs if key.value == field), node.start_mark)
    return int(mark.line) + 1


def _wrong(path: Path, line: int, what: str) -> ConfigurationError:
    return ConfigurationError(f"GITHUB_APPS: {path}, line {line}: {what}")
