"""Sentry's side of the wire: signatures, payloads, the API."""
