"""Which files a proposal may change: those the evidence speaks of, and of these only code. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection

PATH_LIMIT = 300

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
            "names or locks dependencies",
            r"\.(lock|lockb)$|(^|/)(package-lock\.json|npm-shrinkwrap\.json|pnpm-lock\.yaml|go\.(sum|mod|work)"
            r"|package\.resolved|gradle\.lockfile|packages\.lock\.json|requirements[^/]*\.(txt|in)|constraints[^/]*\.txt"
            r"|requirements/.*|setup\.(py|cfg)|pyproject\.toml|pipfile|package\.json|gemfile|[^/]*\.gemspec|pom\.xml"
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
            "instructs assistants or editors",
            r"(^|/)(claude|agents|gemini|copilot-instructions|skill)\.md$"
            r"|(^|/)\.(cursor|claude|codex|vscode|idea|windsurf|aider)[^/]*(/|$)|(^|/)\.cursorrules$",
        ),
        (
            "is a migration, which may have run already",
            r"(^|/)(migrations?|db/migrate|alembic/versions|flyway)/",
        ),
        (
            "is generated",
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
    malformed = _malformed(path)
    if malformed:
        return malformed
    plain = unicodedata.normalize("NFKC", path).casefold()
    for what, pattern in _FORBIDDEN:
        if pattern.search(plain):
            return what
    return None if path in allowed else "is not in the evidence"


def _malformed(path: str) -> str | None:
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
