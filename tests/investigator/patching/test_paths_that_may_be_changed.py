"""Nothing but code is changed, and of that only what the evidence speaks of, however a path is spelt."""

from __future__ import annotations

import pytest

from investigator.patching.paths import refused
from tests.investigator.injection.attacks import PATHS

FORBIDDEN = """
.github/workflows/deploy.yml
.GitHub/Workflows/deploy.yml
.github/CODEOWNERS
sub/.github/actions/x/action.yml
.gitlab-ci.yml
.circleci/config.yml
Jenkinsfile
Makefile
.pre-commit-config.yaml
infra/main.tf
deploy/values.yaml
services/api/Dockerfile
Dockerfile.prod
docker-compose.yml
k8s/api.yaml
package-lock.json
web/yarn.lock
poetry.lock
go.sum
package.json
requirements.txt
setup.py
tests/conftest.py
vendor/lib/x.go
node_modules/x/index.js
.env
config/.env.production
certs/server.pem
id_rsa
app/secrets.yml
.npmrc
.gitattributes
.git/config
.git/hooks/pre-commit
GIT~1/config
CLAUDE.md
.cursor/rules/x.mdc
.vscode/tasks.json
migrations/0042_x.py
static/app.min.js
logo.png
lib/native.so
checkout/../.github/workflows/x.yml
./checkout/pricing.py
/checkout/pricing.py
checkout//pricing.py
~/x.py
C:/x.py
checkout\\pricing.py
checkout/pricing.py\u200b
checkout/pri\u202ecing.py
.ｇithub/workflows/x.yml
.github\u200d/workflows/x.yml
checkout/pricing.py.
checkout/pricing.py\u00a0
checkout/ﬁle.py
checkout/pricing.py:stream
""".strip().split("\n")

ALLOWED = [
    "checkout/pricing.py",
    "src/main/java/de/Acme/Order.java",
    "web/src/cart page.tsx",
    "сервис/оплата.py",
]


@pytest.mark.parametrize("path", [*FORBIDDEN, "", " checkout/x.py", "a\nb.py", *PATHS[:-1]], ids=ascii)
def test_what_is_not_code_is_refused_even_if_the_evidence_speaks_of_it(path: str) -> None:
    assert refused(path, {path}), path


@pytest.mark.parametrize("path", ALLOWED)
def test_code_may_be_changed_if_the_evidence_speaks_of_it(path: str) -> None:
    assert refused(path, {path}) is None
    assert refused(path, {path.upper(), path + "x", "x/" + path}) == "is not in the evidence"
