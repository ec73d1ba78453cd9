"""What no webhook told us is found through Sentry's API and enters the same inbox."""
