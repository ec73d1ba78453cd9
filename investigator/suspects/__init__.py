"""Ranking of suspect commits. Pure: evidence in, ranking out."""

from __future__ import annotations

from investigator.suspects.ranking import rank

__all__ = ["rank"]
