"""Labelled alert streams for `pilot eval cascades`, and what simpler rules make of them."""
