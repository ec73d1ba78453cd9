"""Stand-ins that speak the real wire protocols of Slack, Sentry and GitHub, for the demo and the tests."""
