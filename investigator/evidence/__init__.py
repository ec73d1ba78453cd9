"""Gathering what is known about an incident, each source with its own budget."""
