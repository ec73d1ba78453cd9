"""Secrets in text replaced by placeholders, before the text reaches a channel, a model or a log. Pure."""

from investigator.redaction.documents import Redaction, redact_document
from investigator.redaction.text import redact
from investigator.redaction.vault import PERSONAL, Vault

__all__ = ["PERSONAL", "Redaction", "Vault", "redact", "redact_document"]
