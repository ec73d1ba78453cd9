"""Which alerts are one incident, and where it began. Pure."""
