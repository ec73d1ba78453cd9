"""`pilot demo`: the whole program on the sandbox, with a real incident played into it."""
