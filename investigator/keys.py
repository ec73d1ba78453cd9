"""Every key in the store, in one place."""

from __future__ import annotations

INBOX = "inbox"
INBOX_GROUP = "triage"
INBOX_DEAD = "inbox:dead"
INBOX_EXCUSED = "inbox:excused"  # hash: entry → tries that failed for want of the store, not because of it

INCIDENTS = "incidents"
INCIDENT_COUNTER = "incidents:counter"
TRIAGE_LEASE = "triage:lease"
TRIAGE_DUE = "triage:due"  # set: incidents that were changed by triage, while nothing was done about it yet
BOARD = "board"  # which alerts belong together
CONFIRMATION = "confirmation"  # written only to be confirmed

PROJECTS_HEARD = "projects:heard"  # hash: project → when its newest webhook came, seconds since 1970
SILENT_PROJECTS = "projects:silent"  # hash: project whose webhooks do not come → since when, ISO 8601
RECONCILE = "reconcile"  # how far the sweeps of Sentry came
RECONCILE_TURN = "reconcile:turn"  # set while a sweep of Sentry is under way, or has just been
AI_PENDING = "ai:pending"  # sorted set: `incident:run` that no provider could analyse yet → since when
ROUTES = "routes"  # hash: service → channel chosen in Slack
QUALITY_EVENTS = "quality:events"  # stream: what people say of our verdicts
CALIBRATION = "quality:calibration"  # how sure analyses are to be shown, by what was graded
SLACK_WAITING = "slack:waiting"  # sorted set: jobs that failed because Slack is away → since when
SLACK_CLASSIC = "slack:classic"  # set while the workspace does not take the newest kinds of blocks
MUTES = "mutes"  # hash: what is muted → by whom, until when
COUNTERS = "counters"  # hash of counters that outlive the processes that count
GITHUB_BUDGETS = "github:budgets"  # hash: `fingerprint:resource` → [left, limit, reset], as last told
CLOCK_ALIVE = "clock:alive"  # when a clock last ticked, seconds since 1970
PLACES = "places"  # hash: process that faces the outside → what only it can see of its machine
ALARMS = "watchdog:alarms"  # hash: what is the matter, and what was paged of it
ALARMS_ALONE = "watchdog:alone"  # list: alarms of processes that had to watch without the store
WATCHDOG_LEASE = "watchdog:lease"  # held by the one process that pages
CANARY_MESSAGE = "canary:message"  # where the message of the canary channel stands
CANARY = "canary"  # hash: when the newest trial webhook was sent and came through
AUDIT = "audit"  # stream: who did what through the bot
FIXES_FOLLOWED = "fixes:followed"  # set of incidents whose pull requests are looked at
USER_GROUPS = "slack:groups"  # Slack's user groups: handle → id


def seen(identity: str) -> str:
    """Set when a delivery of this identity was dealt with."""
    return f"seen:{identity}"


def issue(issue_id: str) -> str:
    return f"issue:{issue_id}"


def incident(incident_id: str) -> str:
    return f"incident:{incident_id}"


def findings(incident_id: str, run: int) -> str:
    return f"incident:{incident_id}:findings:{run}"


def suggested_fix(incident_id: str, run: int) -> str:
    """The change of code that a model suggested for this run."""
    return f"incident:{incident_id}:fix:{run}"


def alert(alert_key: str) -> str:
    """What was told of one episode of one issue."""
    return f"alert:{alert_key}"


def answers(incident_id: str) -> str:
    """Hash: one asking of a question about an incident → what was answered."""
    return f"incident:{incident_id}:answers"


def said(key: str) -> str:
    """Where a message with this metadata key was posted."""
    return f"said:{key}"


def incident_counts(incident_id: str) -> str:
    """Hash: what is counted of an incident's alerts; alert key → events, and the newest one's time."""
    return f"incident:{incident_id}:counts"


def thread(channel: str, ts: str) -> str:
    """The incident whose parent message this is."""
    return f"thread:{channel}:{ts}"


def incident_channel(channel: str) -> str:
    """The incident whose own channel this is."""
    return f"thread:{channel}"


def work_lock(incident_id: str) -> str:
    """Held by the one job that may speak in an incident's thread."""
    return f"lock:incident:{incident_id}"


def clock(task: str, slot: int) -> str:
    """Set by the clock that enqueued this task for this slot of time."""
    return f"clock:{task}:{slot}"


def passed_over(issue_id: str) -> str:
    """Set for an issue that reopened before any sweep looked, and that no webhook told us of."""
    return f"reconcile:passed:{issue_id}"


def github_cache(repository: str, scope: str, name: str) -> str:
    """An answer of GitHub's, as read under the permissions of `scope`."""
    return f"cache:github:{repository.lower()}:{scope}:{name}"


def github_turn(repository: str, subject: str) -> str:
    """Names the newest webhook about this; answers from before it no longer hold."""
    return f"cache:github:{repository.lower()}:turn:{subject}"


def github_asking(repository: str, what: str) -> str:
    """Held by the worker that asks GitHub for what others want as well."""
    return f"lock:github:{repository.lower()}:{what}"


def github_delivery(delivery: str) -> str:
    """Set when this webhook of GitHub's was dealt with."""
    return f"github:delivery:{delivery}"


def deploys(repository: str) -> str:
    """List of deploys that webhooks told of, the newest first."""
    return f"github:deploys:{repository.lower()}"


def github_credential(fingerprint: str) -> str:
    """Hash: until when a credential rests, why it was refused, what is left of its budget."""
    return f"github:credential:{fingerprint}"


def circuit(provider: str, model: str) -> str:
    """Hash: how often this model failed in a row, and until when it is left alone."""
    return f"circuit:{provider}:{model}"


def circuit_probe(provider: str, model: str) -> str:
    """Held by the one analysis that tries whether the model works again."""
    return f"circuit:{provider}:{model}:probe"


def ai_form(provider: str, model: str) -> str:
    """Which form of request this model's server understood."""
    return f"ai:form:{provider}:{model}"


def ai_seconds(provider: str, model: str) -> str:
    """How long this model's last answers took, the newest first (list of seconds)."""
    return f"ai:seconds:{provider}:{model}"


def ai_spent(day: str) -> str:
    """Dollars spent on models on this day (UTC, ISO 8601)."""
    return f"ai:spent:{day}"


def user_group(handle: str) -> str:
    """Ids of the users in this Slack user group."""
    return f"slack:group:{handle}"


def slack_name(user: str) -> str:
    """What the Slack user with this id is called."""
    return f"slack:name:{user}"


def slack_permalink(channel: str, ts: str) -> str:
    """The address of this message for people."""
    return f"slack:permalink:{channel}:{ts}"


def slack_address(address: str) -> str:
    """Id of the Slack user with this e-mail address, or that there is none."""
    return f"slack:address:{address}"


def slack_budget(bucket: str) -> str:
    """When all turns reserved in this budget of Slack's will be over, ms since 1970."""
    return f"slack:budget:{bucket}"


def slack_pause(method: str) -> str:
    """Until when Slack wants no call of this method, ms since 1970."""
    return f"slack:pause:{method}"


def edits(channel: str, ts: str) -> str:
    """Hash: `asked`, how many edits of this message were asked for; `shown`, a digest of what it shows."""
    return f"edits:{channel}:{ts}"


def outside(service: str) -> str:
    """Hash: when this service last answered well, and since when it does not."""
    return f"outside:{service}"


def canary_day(day: str) -> str:
    """Hash: trial webhooks of this day (UTC, ISO 8601): how many were sent, came through, and how fast."""
    return f"canary:day:{day}"


def canary_passed(sent_at: float) -> str:
    """Set when the trial webhook sent then came through."""
    return f"canary:passed:{sent_at}"


def pasted(request: str) -> str:
    """Number of the incident that this asking about a pasted stack trace opened."""
    return f"pasted:{request}"


def channel(name: str) -> str:
    """Id of the channel that has this name (`#incidents`)."""
    return f"slack:channel:{name}"
