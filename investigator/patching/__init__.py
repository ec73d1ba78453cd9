"""Which changes of somebody's code may be proposed at all, and what they come to. Pure."""
