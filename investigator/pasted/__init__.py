"""Stack traces that people paste, read into the same model as Sentry's events. Pure."""
