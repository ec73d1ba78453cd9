"""Spans of our own work, for whoever set OTEL_EXPORTER_OTLP_ENDPOINT and installed the extra `telemetry`.

Otherwise a span is nothing: no SDK is imported, and what is left costs less than a microsecond.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from importlib import import_module
from importlib.metadata import version
from typing import Any

from investigator.errors import ConfigurationError

EXPORT_SECONDS = 2.0  # what a collector may take: a process that is told to stop waits for the last spans
FLUSH_SECONDS = 0.5  # what a job may wait for it at its end

_NOTHING: AbstractContextManager[None] = nullcontext()
_tracers: list[Any] = []  # the process's one, when there is one


def start_tracing(endpoint: str, role: str) -> None:
    """Send this process's spans to the collector at `endpoint`; OpenTelemetry's own variables say the rest.

    Raises:
        ConfigurationError: the extra is not installed.
    """
    try:
        sdk = import_module("opentelemetry.sdk.trace")
        export = import_module("opentelemetry.sdk.trace.export")
        http = import_module("opentelemetry.exporter.otlp.proto.http.trace_exporter")
    except ImportError:
        raise ConfigurationError(
            "OTEL_EXPORTER_OTLP_ENDPOINT needs the SDK: pip install 'incidentpilot[telemetry]'"
        ) from None
    exporter = http.OTLPSpanExporter(endpoint=f"{endpoint.rstrip('/')}/v1/traces", timeout=EXPORT_SECONDS)
    resource = import_module("opentelemetry.sdk.resources").Resource.create(
        {"service.name": "incidentpilot", "service.version": version("incidentpilot"), "pilot.role": role}
    )
    provider = sdk.TracerProvider(resource=resource)
    provider.add_span_processor(export.BatchSpanProcessor(exporter))
    import_module("opentelemetry.trace").set_tracer_provider(provider)
    _tracers[:] = [provider.get_tracer("incidentpilot")]


def span(
    name: str, *, causes: Sequence[str] = (), **attributes: str | float | bool | None
) -> AbstractContextManager[None]:
    """A span around a block of work; an exception that leaves it is noted in it by its class.

    `causes` are what `traceparent` told elsewhere: one is the span's parent, several are linked from it.
    """
    return _recorded(name, causes, attributes) if _tracers else _NOTHING


def traceparent() -> str:
    """What to hand on so that other processes continue this trace (W3C Trace Context); empty without one."""
    if not _tracers:
        return ""
    told: dict[str, str] = {}
    _propagation().inject(told)
    return told.get("traceparent", "")


@contextmanager
def _recorded(name: str, causes: Sequence[str], attributes: dict[str, Any]) -> Iterator[None]:
    kept = {key: value for key, value in attributes.items() if value is not None}
    # Not the exception's text: it may hold what others wrote.
    options: dict[str, Any] = {"attributes": kept, "record_exception": False, **_caused_by(causes)}
    with _tracers[0].start_as_current_span(name, **options) as current:
        try:
            yield
        except BaseException as error:
            current.set_attribute("error.type", type(error).__name__)
            raise


def _caused_by(causes: Sequence[str]) -> dict[str, Any]:
    contexts = [_propagation().extract({"traceparent": cause}) for cause in dict.fromkeys(causes) if cause]
    if len(contexts) == 1:
        return {"context": contexts[0]}
    trace = import_module("opentelemetry.trace")
    return {"links": [trace.Link(trace.get_current_span(context).get_span_context()) for context in contexts]}


def _propagation() -> Any:
    return import_module("opentelemetry.trace.propagation.tracecontext").TraceContextTextMapPropagator()


def flush_traces() -> None:
    """Send what is waiting; for a process that ends at once, as a job's does.

    The SDK takes no notice of a timeout here: a collector that is away would hold up every job.
    """
    if _tracers:
        provider = import_module("opentelemetry.trace").get_tracer_provider()
        sending = threading.Thread(target=provider.force_flush, daemon=True)
        sending.start()
        sending.join(FLUSH_SECONDS)
