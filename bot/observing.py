"""What watches a process from outside, if the settings want it: traces, reports of our own errors."""

from __future__ import annotations

from investigator.settings import Settings
from investigator.tracing import start_tracing


def observe_ourselves(settings: Settings, role: str) -> None:
    """Nothing is imported, and nothing costs, without the settings.

    Raises:
        ConfigurationError: what they ask for is not installed, or the DSN is not one.
    """
    if endpoint := settings.otel_exporter_otlp_endpoint:
        start_tracing(endpoint, role)
    if settings.pilot_sentry_dsn:
        from bot.error_reports import report_errors

        report_errors(settings.pilot_sentry_dsn.get_secret_value(), role)
