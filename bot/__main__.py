"""`python -m bot` is `pilot`."""

from bot.cli import main

main()
