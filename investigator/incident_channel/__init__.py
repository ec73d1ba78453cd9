"""An incident's own channel, where the catalogue wants one: made once, furnished, closed when it is over."""
