"""What a path says about the kind of change: code, tests, documents, dependencies, settings, migrations."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Literal

Kind = Literal["code", "test", "document", "pipeline", "dependency", "migration", "configuration"]

_RULES: tuple[tuple[Kind, re.Pattern[str]], ...] = (
    (
        "pipeline",
        re.compile(
            r"(^|/)(\.github|\.circleci|\.gitlab|\.husky)/|(^|/)(\.gitlab-ci\.yml|\.travis\.yml|azure-pipelines\.yml|"
            r"Jenkinsfile|tox\.ini|noxfile\.py|\.pre-commit-config\.yaml|\.editorconfig|\.gitignore|\.flake8|"
            r"\.prettierrc[^/]*|\.eslintrc[^/]*|\.rubocop\.yml|\.coveragerc|codecov\.yml|CODEOWNERS|"
            r"\.git-blame-ignore-revs)$"
        ),
    ),
    (
        "dependency",
        re.compile(
            r"(^|/)(requirements[^/]*\.(txt|in)|requirements/[^/]+\.(txt|in)|constraints[^/]*\.txt|setup\.(py|cfg)|"
            r"pyproject\.toml|Pipfile|package\.json|go\.mod|go\.sum|Gemfile|[^/]*\.gemspec|pom\.xml|Cargo\.toml|"
            r"build\.gradle(\.kts)?|gradle\.properties|libs\.versions\.toml|composer\.json|[^/]*\.csproj|mix\.exs|"
            r"package-lock\.json|npm-shrinkwrap\.json|pnpm-lock\.yaml|[^/]+\.lock|[^/]+\.lockb)$"
        ),
    ),
    (
        "test",
        re.compile(
            r"(^|/)(tests?|testing|specs?|__tests__|__mocks__|testdata|fixtures|e2e|cypress)/|(^|/)src/test/|"
            r"(^|/)(test_[^/]*|conftest)\.py$|(_test\.(py|go|rb|exs)|_spec\.rb|\.(test|spec)\.[cm]?[jt]sx?|"
            r"Tests?\.(java|kt|cs|php|swift))$",
        ),
    ),
    (
        "document",
        re.compile(
            r"(^|/)(docs?|documentation|changelog[^/]*|changes|news|newsfragments|release-notes)/|"
            r"\.(md|rst|txt|adoc|svg|png|jpe?g|gif|pot?)$|(^|/)(LICENSE|AUTHORS|NOTICE|CHANGES|CHANGELOG|README)[^/]*$",
            re.IGNORECASE,
        ),
    ),
    ("migration", re.compile(r"(^|/)(migrations?|db/migrate|alembic/versions|flyway|liquibase)/|\.sql$")),
    (
        "configuration",
        re.compile(
            r"\.(ya?ml|toml|ini|cfg|conf|properties|env|json|tf|tfvars|hcl|xml)$|(^|/)(\.env[^/]*|Dockerfile[^/]*|"
            r"Procfile|settings[^/]*\.py|settings/[^/]+\.py|config[^/]*\.(py|rb|[jt]s|go)|config/.+)$"
        ),
    ),
)

# Kinds whose changes do not run in production.
HARMLESS: frozenset[Kind] = frozenset({"test", "document", "pipeline"})


@lru_cache(maxsize=20_000)
def kind(path: str) -> Kind:
    return next((name for name, pattern in _RULES if pattern.search(path)), "code")


def same_file(frame_path: str, repository_path: str) -> bool:
    """Whether a frame's path and a path of the repository end alike: `/srv/app/a/b.py` and `src/a/b.py`."""
    left, right = frame_path.replace("\\", "/").strip("/").split("/"), repository_path.split("/")
    shared = 0
    for one, other in zip(reversed(left), reversed(right), strict=False):
        if one != other:
            break
        shared += 1
    return shared == min(len(left), len(right)) or shared >= 2


def folder(path: str) -> str:
    return path.rpartition("/")[0]


def nearness(path: str, others: Iterable[str]) -> float:
    """How much of the way to the folder of `path` it shares with the nearest of `others`; 1.0 beside one."""
    here = path.split("/")[:-1]
    return max((_shared(here, other.split("/")[:-1]) for other in others), default=0.0)


def _shared(one: Sequence[str], other: Sequence[str]) -> float:
    shared = next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), None)
    common = min(len(one), len(other)) if shared is None else shared
    return common / max(len(one), len(other), 1)
