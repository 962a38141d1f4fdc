"""The `aspire feeds` commands."""

import sys

import click


@click.group(invoke_without_command=True)
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@click.pass_context
def feeds(context: click.Context, *, as_json: bool) -> None:
    """List the news sources with their health; add, try and export some."""
    if context.invoked_subcommand is None:
        from bot.sources import list_feeds

        sys.exit(list_feeds(context.obj, as_json=as_json))


@feeds.command()
@click.argument("url")
@click.option("--json", "as_json", is_flag=True, help="The whole reply as JSON.")
@click.pass_obj
def test(config: str | None, url: str, *, as_json: bool) -> None:
    """Fetch a feed and show what would be stored, and how it would be tagged."""
    from bot.asking import ask_once

    sys.exit(ask_once(config, f"feeds test {url}", "general", as_json=as_json))


@feeds.command("export")
@click.argument("path", metavar="FILE.opml", default="-")
@click.pass_obj
def export_(config: str | None, path: str) -> None:
    """Write everybody's feeds as OPML; without a file, to the output."""
    from bot.sources import export_feeds

    sys.exit(export_feeds(config, path))


@feeds.command("import")
@click.argument("path", metavar="FILE.opml")
@click.pass_obj
def import_(config: str | None, path: str) -> None:
    """Add the feeds of an OPML file for everybody, and say which cannot be taken."""
    from bot.sources import import_feeds

    sys.exit(import_feeds(config, path))


@feeds.command()
@click.argument("number", type=int)
@click.pass_obj
def remove(config: str | None, number: int) -> None:
    """Poll a feed no more, unless it stands in config.toml. What it brought stays."""
    from bot.sources import remove_feed

    sys.exit(remove_feed(config, number))
