"""The people- and wire-facing side: web routes, Slack listeners, the `pilot` command line."""
