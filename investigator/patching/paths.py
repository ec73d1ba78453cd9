"""Which files a proposal may change: no machinery, no secrets; a model's only those of the evidence. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection

PATH_LIMIT = 300

LOCKS, NAMES_DEPENDENCIES, IS_GENERATED = "locks dependencies", "names dependencies", "is generated"
INSTRUCTS, IS_MIGRATION = "instructs assistants or editors", "is a migration, which may have run already"

_FORBIDDEN: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (what, re.compile(pattern))
    for what, pattern in (
        (
            "steers continuous integration",
            r"(^|/)\.(github|gitlab|circleci|buildkite|woodpecker|forgejo|gitea|husky|teamcity|semaphore)/"
            r"|(^|/)(\.gitlab-ci[^/]*|\.travis\.yml|\.drone[^/]*|\.woodpecker[^/]*|\.cirrus[^/]*|azure-pipelines[^/]*"
            r"|bitbucket-pipelines\.yml|appveyor\.yml|jenkinsfile[^/]*|cloudbuild\.ya?ml|buildspec[^/]*|\.appveyor\.yml"
            r"|\.pre-commit-config\.yaml|lefthook\.yml|tox\.ini|noxfile\.py|codecov\.yml|\.codecov\.yml|codeowners"
            r"|makefile|gnumakefile|justfile|taskfile\.ya?ml|rakefile|dangerfile|renovate\.json5?|\.mergify\.yml)$",
        ),
        (
            "is infrastructure",
            r"(^|/)(terraform|ansible|helm|charts?|k8s|kubernetes|kustomize|infra|infrastructure|deploy|deployments?"
            r"|pulumi|cloudformation|\.devcontainer|\.docker|systemd|nginx)/"
            r"|\.(tf|tfvars|tfstate|hcl|nomad|bicep|service|timer)$"
            r"|(^|/)([^/]*dockerfile[^/]*|\.dockerignore|containerfile[^/]*|(docker-)?compose[^/]*\.ya?ml|procfile"
            r"|chart\.ya?ml|values[^/]*\.ya?ml|kustomization\.ya?ml|pulumi[^/]*\.ya?ml|serverless\.ya?ml|fly\.toml"
            r"|vercel\.json|netlify\.toml|app\.ya?ml|skaffold\.ya?ml|tiltfile|vagrantfile|nginx\.conf|caddyfile"
            r"|wrangler\.toml|heroku\.yml|render\.yaml)$",
        ),
        (
            LOCKS,
            r"\.(lock|lockb)$|(^|/)(package-lock\.json|npm-shrinkwrap\.json|pnpm-lock\.yaml|go\.sum"
            r"|package\.resolved|gradle\.lockfile|packages\.lock\.json|requirements[^/]*\.(txt|in)|constraints[^/]*\.txt"
            r"|requirements/.*)$",
        ),
        (
            NAMES_DEPENDENCIES,
            r"(^|/)(go\.(mod|work)|setup\.(py|cfg)|pyproject\.toml|pipfile|package\.json|gemfile|[^/]*\.gemspec|pom\.xml"
            r"|cargo\.toml|build\.rs|[^/]*\.gradle(\.kts)?|gradle-wrapper\.[^/]*|gradle\.properties|libs\.versions\.toml"
            r"|composer\.json|[^/]*\.(cs|fs|vb)proj|nuget\.config|mix\.exs|pubspec\.yaml|podfile|\.npmrc|\.yarnrc[^/]*"
            r"|pip\.conf|conftest\.py|sitecustomize\.py|[^/]*\.pth)$|(^|/)(vendor|node_modules|third_party|\.yarn)/",
        ),
        (
            "may hold secrets",
            r"(^|/)(\.env[^/]*|[^/]*\.env|\.envrc|\.netrc|\.pypirc|\.htpasswd|\.pgpass|\.git-credentials|\.s3cfg"
            r"|id_(rsa|dsa|ecdsa|ed25519)[^/]*|authorized_keys|known_hosts|credentials?(\.[^/]*)?|secrets?(\.[^/]*)?"
            r"|[^/]*[._-]secrets?\.[^/]*|[^/]*[._-]credentials?\.[^/]*|service[_-]account[^/]*\.json)$"
            r"|(^|/)(secrets?|\.ssh|\.aws|\.gnupg|\.kube|\.vault|private)/"
            r"|\.(pem|key|p12|pfx|jks|keystore|kdbx|gpg|asc|crt|cer|der|ppk|age|sops)$",
        ),
        (
            "belongs to git",
            r"(^|/)\.git(/|$|attributes$|modules$|ignore$|-blame-ignore-revs$)|(^|/)git~\d+(/|$)",
        ),
        (
            INSTRUCTS,
            r"(^|/)(claude|agents|gemini|copilot-instructions|skill)\.md$"
            r"|(^|/)\.(cursor|claude|codex|vscode|idea|windsurf|aider)[^/]*(/|$)|(^|/)\.cursorrules$",
        ),
        (
            IS_MIGRATION,
            r"(^|/)(migrations?|db/migrate|alembic/versions|flyway)/",
        ),
        (
            IS_GENERATED,
            r"\.min\.(js|css)$|(^|/)(dist|build|generated|__generated__)/|_pb2(_grpc)?\.pyi?$|\.pb\.go$",
        ),
        (
            "is not text",
            r"\.(png|jpe?g|gif|webp|ico|bmp|tiff?|psd|pdf|docx?|xlsx?|pptx?|zip|gz|tgz|bz2|xz|zst|7z|rar|tar|jar|war|ear"
            r"|class|so|dll|dylib|exe|o|a|lib|obj|pyc|pyo|pyd|whl|egg|wasm|woff2?|ttf|otf|eot|mp[34]|mov|avi|wav|ogg"
            r"|sqlite3?|db|parquet|npy|npz|pickle|pkl|pt|onnx|bin|dat|iso|img|dmg|deb|rpm|apk)$",
        ),
    )
)
_DRIVE = re.compile(r"[A-Za-z]:")
_MISREAD = re.compile(
    r"(^|/)-|[:~%\"'*?<>|$`;{}!&^]|[ .](/|$)|(^|/) "
)  # by a shell, a URL or another file system


def refused(path: str, allowed: Collection[str]) -> str | None:
    """Why `path` may not be changed, to be read after its name; None when it may.

    Args:
        allowed: the paths that the evidence speaks of, as the repository spells them.
    """
    why = malformed(path) or forbidden(path)
    return why or (None if path in allowed else "is not in the evidence")


def forbidden(path: str, tolerated: Collection[str] = ()) -> str | None:
    """What kind of file `path` is by its name, when that is one not to be touched and not `tolerated`."""
    plain = unicodedata.normalize("NFKC", path).casefold()
    kinds = (what for what, pattern in _FORBIDDEN if what not in tolerated and pattern.search(plain))
    return next(kinds, None)


def malformed(path: str) -> str | None:
    """What is wrong with the name itself."""
    if not path or len(path) > PATH_LIMIT:
        return "is no path of a file"
    if any(unicodedata.category(char)[0] in "CZ" and char != " " for char in path):
        return "holds characters that nobody can see"
    if unicodedata.normalize("NFKC", path) != path:
        return "is spelt with look-alike characters"
    if "\\" in path or path.startswith(("/", "~")) or _DRIVE.match(path):
        return "is not inside the repository"
    if any(part in {"", ".", ".."} for part in path.split("/")):
        return "is not inside the repository"
    return "is a name that some systems read as another" if _MISREAD.search(path) else None
