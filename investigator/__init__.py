"""Everything that decides and investigates. Never imports `bot`."""
