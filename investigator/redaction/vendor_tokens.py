"""Private keys, and tokens that vendors gave a shape of their own, in the order they are looked for."""

from __future__ import annotations

import re
from collections.abc import Callable

from investigator.redaction import plausible
from investigator.redaction.rule import Rule

_FREE = r"(?<![A-Za-z0-9_-])"  # where a token may begin
_ENDS = r"(?![A-Za-z0-9])"


def _token(kind: str, hint: str, body: str, accept: Callable[[re.Match[str]], bool] | None = None) -> Rule:
    """A vendor's token: `hint` says how it starts (alternatives separated by `|`), `body` is the pattern."""
    return Rule(kind, tuple(hint.split("|")), re.compile(f"{_FREE}{body}{_ENDS}"), accept)


KEYS = (
    Rule(
        "private-key",
        ("-----begin",),
        re.compile(
            r"-----BEGIN (?:[A-Z0-9]{1,12} ){0,3}PRIVATE KEY(?: BLOCK)?-----"
            r"(?:[^-]*+(?:-(?!----)[^-]*+)*+-----END [A-Z0-9 ]{1,50}-----"
            r"|(?:(?:\s|\\[rn]|[\"',|>+])*+[A-Za-z0-9+/=]{16,}+)++)"
        ),
    ),
    Rule(
        "private-key",
        ("private-lines",),
        re.compile(r"Private-Lines: \d{1,4}(?P<secret>(?:\s{1,4}[A-Za-z0-9+/=]{8,200}(?!\w*:))++)"),
    ),
    Rule("private-key", ("private-mac",), re.compile(r"Private-MAC: (?P<secret>[0-9a-f]{40,64})")),
    Rule("age-key", ("age-secret-key-1",), re.compile(r"AGE-SECRET-KEY-1[0-9A-Z]{50,60}")),
)

TOKENS = (
    _token("aws-key", "akia|asia|abia|acca", r"(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}"),
    _token("aws-key", "absk", r"ABSK[A-Za-z0-9+/]{80,}+={0,2}"),
    _token("gcp-key", "aiza", r"AIza[\w-]{35}"),
    _token("google-token", "ya29.|gocspx-|1//0", r"(?:ya29\.[\w-]{20,}+|GOCSPX-[\w-]{20,}+|1//0[\w-]{30,}+)"),
    _token("firebase-key", "aaaa", r"AAAA[\w-]{7}:[\w-]{100,180}"),
    _token("azure-secret", "8q~", r"[\w~.-]{3}8Q~[\w~.-]{31,34}"),
    _token("github-token", "ghp_|gho_|ghu_|ghs_|ghr_|github_pat_", r"(?:gh[pousr]|github_pat)_\w{20,}+"),
    _token("gitlab-token", "gl", r"gl(?:pat|ptt|dt|rt|cbt|soat|ft|imt|agent|oas|ffct)-[\w.-]{20,}+"),
    _token("slack-token", "xox|xapp-", r"(?:xox[a-z](?:\.xox[a-z])?|xapp)-[\w%-]{10,}+"),
    Rule(
        "slack-webhook",
        ("hooks.slack",),
        re.compile(r"hooks\.slack(?:-gov)?\.com/(?:services|workflows|triggers)/(?P<secret>[\w/-]{20,}+)"),
    ),
    Rule(
        "teams-webhook",
        (".webhook.office.com",),
        re.compile(r"\.webhook\.office\.com/webhookb2/(?P<secret>[\w@/-]{40,}+)"),
    ),
    Rule(
        "discord-webhook", ("/api/webhooks/",), re.compile(r"/api/webhooks/\d{15,21}/(?P<secret>[\w-]{40,}+)")
    ),
    _token("discord-token", ".", r"[MNO][A-Za-z0-9_-]{22,28}\.[\w-]{6}\.[\w-]{27,45}"),
    _token("telegram-token", ":aa", r"(?:bot)?(?P<secret>\d{8,10}:AA[\w-]{33})"),
    _token(
        "stripe-key",
        "_secret_",
        r"(?:pi|seti|src|cs_(?:live|test))_[A-Za-z0-9]{10,}_secret_[A-Za-z0-9]{10,}+",
    ),
    _token(
        "stripe-key", "_live_|_test_|whsec_", r"(?:(?:sk|rk)_(?:live|test)_\w{16,}+|whsec_[\w+/=-]{24,}+)"
    ),
    _token("twilio-key", "sk", r"SK[0-9a-f]{32}"),
    _token("twilio-token", "ac", r"AC[0-9a-f]{32}[\"']?[,:] ?[\"']?(?P<secret>[0-9a-f]{32})"),
    _token("sendgrid-key", "sg.", r"SG\.[\w-]{16,32}\.[\w-]{16,64}"),
    _token("mailgun-key", "-", r"(?:key-[0-9a-f]{32}|[0-9a-f]{32}-[0-9a-f]{8}-[0-9a-f]{8})"),
    _token("mailchimp-key", "-us", r"[0-9a-f]{32}-us\d{1,2}"),
    _token("brevo-key", "xkeysib-|xsmtpsib-", r"x(?:key|smtp)sib-[\w-]{40,}+"),
    _token("anthropic-key", "sk-ant-", r"sk-ant-[\w-]{16,}+"),
    _token("openai-key", "sk-", r"sk-(?:proj-|svcacct-|admin-|or-v1-)?(?=[A-Za-z_-]*+\d)[\w-]{20,}+"),
    _token("huggingface-token", "hf_|api_org_", r"(?:hf|api_org)_[A-Za-z0-9]{30,}+"),
    _token("llm-key", "gsk_|r8_|pplx-|xai-", r"(?:gsk_|r8_|pplx-|xai-)[A-Za-z0-9]{32,}+"),
    _token("npm-token", "npm_", r"npm_[A-Za-z0-9]{30,}+"),
    _token("pypi-token", "pypi-", r"pypi-[\w-]{50,}+"),
    _token("crates-token", "cio", r"cio[A-Za-z0-9]{32}", plausible.mixed_case),
    _token("artifactory-key", "akcp", r"AKCp[A-Za-z0-9]{60,}+"),
    _token("aspnet-token", "cfdj8", r"CfDJ8[\w-]{60,}+"),
    _token("pinecone-key", "pcsk_", r"pcsk_\w{40,}+"),
    _token("resend-key", "re_", r"re_[A-Za-z0-9]{6,12}_[A-Za-z0-9]{20,40}", plausible.mixed_case),
    _token("mapbox-token", "sk.ey", r"sk\.ey[\w-]{20,}+\.[\w-]{16,}+"),
    _token("rubygems-key", "rubygems_", r"rubygems_[0-9a-f]{40,}+"),
    _token("docker-token", "dckr_", r"dckr_(?:pat|oat)_[\w-]{20,}+"),
    _token("digitalocean-token", "_v1_", r"do[opr]_v1_[0-9a-f]{40,}+"),
    _token("heroku-key", "hrku-", r"HRKU-[\w-]{30,}+"),
    _token("newrelic-key", "nrak-|nrii-|nral|nrra-", r"(?:NR(?:AK|II|RA)-[\w-]{24,}+|[0-9a-f]{30,36}NRAL)"),
    _token("sentry-token", "sntrys_|sntryu_|sntryi_", r"sntry[sui]_[\w=+/-]{20,}+"),
    Rule("sentry-dsn", ("@",), re.compile(r"://(?P<secret>[0-9a-f]{32}(?::[0-9a-f]{32})?)@[\w.-]{3,}/\d")),
    _token("pagerduty-key", "u+", r"u\+[\w-]{18}"),
    _token("atlassian-token", "atatt3|atctt3|atbb", r"(?:AT[AC]TT3[\w=-]{20,}+|ATBB[A-Za-z0-9]{20,}+)"),
    _token("linear-key", "lin_", r"lin_(?:api|oauth)_[A-Za-z0-9]{30,}+"),
    _token("notion-token", "ntn_|secret_", r"(?:ntn_[A-Za-z0-9]{40,}+|secret_[A-Za-z0-9]{43})"),
    _token("shopify-token", "shp", r"shp(?:at|ca|pa|ss|tka)_[0-9a-fA-F]{30,}+"),
    _token("square-token", "sq0|eaaa", r"(?:sq0(?:atp|csp|idp)-[\w-]{20,}+|EAAA[\w-]{58,62})"),
    Rule(
        "paypal-token",
        ("access_token$",),
        re.compile(r"access_token\$(?:production|sandbox)\$\w{16}\$[0-9a-f]{32}"),
    ),
    _token("cloudflare-key", "v1.0-|cf", r"(?:v1\.0-[0-9a-f]{24}-[0-9a-f]{100,160}|cf(?:ut|at|k)_\w{36,}+)"),
    _token("vault-token", "hvs.|hvb.|hvr.", r"hv[sbr]\.[\w-]{20,}+"),
    _token("vault-token", "s.", r"s\.[A-Za-z0-9]{24}", plausible.mixed_case),
    _token("terraform-token", ".atlasv1.", r"[A-Za-z0-9]{14}\.atlasv1\.[\w-]{50,}+"),
    _token("databricks-token", "dapi", r"dapi[0-9a-f]{32}(?:-\d{1,2})?"),
    _token("doppler-token", "dp.", r"dp\.(?:pt|st|ct|sa|scim|audit)\.[\w.-]{30,}+"),
    _token("supabase-key", "sbp_|sb_secret_", r"(?:sbp_[0-9a-f]{40}|sb_secret_[\w-]{20,}+)"),
    _token("postman-key", "pmak-", r"PMAK-[0-9a-f]{24}-[0-9a-f]{34}"),
    _token("figma-token", "figd_|figo_|figu_", r"fig[dou]_[\w-]{30,}+"),
    _token("okta-token", "00", r"00[A-Za-z0-9][\w-]{39}", plausible.mixed_case),
    _token("airtable-token", "pat", r"pat[A-Za-z0-9]{14}\.[0-9a-f]{64}"),
    _token("asana-token", "/", r"[012]/\d{16}(?:/\d{16})?:[0-9a-f]{32}"),
    _token("hubspot-token", "pat-", r"pat-(?:na|eu|ap)\d-[0-9a-f-]{36}"),
    _token("grafana-token", "glsa_|glc_", r"(?:glsa_[A-Za-z0-9]{32}_[0-9a-f]{8}|glc_[\w+/=-]{32,}+)"),
    _token("planetscale-token", "pscale_", r"pscale_(?:tkn|pw|oauth)_[\w.=-]{30,}+"),
    _token("fly-token", "fo1_|fm2_", r"(?:fo1|fm2)_[\w+/=-]{40,}+"),
    _token("pulumi-token", "pul-", r"pul-[0-9a-f]{40}"),
    _token("dropbox-token", "sl.", r"sl\.(?:u\.)?[\w-]{100,}+"),
    _token("tailscale-key", "tskey-", r"tskey-[a-z]{3,10}-[\w-]{16,}+"),
    _token("netlify-token", "nfp_", r"nfp_[A-Za-z0-9]{36,}+"),
    _token("sonar-token", "sq", r"sq[pua]_[0-9a-f]{40}"),
    _token(
        "launchdarkly-key", "sdk-|api-|mob-", r"(?:sdk|api|mob)-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
    ),
    _token("buildkite-token", "bkua_|bkct_", r"bk(?:ua|ct)_[0-9a-f]{40}"),
    _token("onepassword-token", "ops_ey", r"ops_ey[\w=+/-]{50,}+"),
    _token(
        "plaid-token",
        "access-",
        r"access-(?:sandbox|development|production)-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}",
    ),
    _token("circleci-token", "ccipat_", r"CCIPAT_\w{20,}+"),
    _token("render-key", "rnd_", r"rnd_[A-Za-z0-9]{24,}+"),
    _token("twitch-token", "oauth:", r"oauth:(?P<secret>[a-z0-9]{30})"),
    _token("jwt", "eyj", r"ey[JK][\w-]{10,}+\.(?:ey[\w-]{5,}+|[\w-]{10,}+)(?:\.[\w-]{0,2000}+){1,3}"),
)
