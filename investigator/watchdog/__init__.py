"""Telling people that the bot itself is in trouble: once, again while it lasts, and when it is over."""
