"""All words that people or models read, as Jinja templates (a package so that they ship with the code)."""
