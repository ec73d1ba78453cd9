"""Stand-ins of those who wake people: PagerDuty, Opsgenie, any webhook, a heartbeat."""

from sandbox.pagers.server import PagersSandbox

__all__ = ["PagersSandbox"]
