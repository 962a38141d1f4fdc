"""`python -m bot` is the `aspire` command."""

from bot.cli import main

main()
