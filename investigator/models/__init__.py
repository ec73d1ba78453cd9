"""Frozen values: what Sentry said, what was found out, what is kept of an incident."""
