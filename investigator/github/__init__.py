"""GitHub's side of the wire: one client over PyGithub, few requests."""
