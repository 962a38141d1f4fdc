"""The `aspire` command. Each command imports what it needs when it runs, so --help is quick."""

import sys

import click

from bot.cli_feeds import feeds


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--config",
    metavar="FILE",
    help="The configuration; else ASPIRE_CONFIG, else ./config.toml, else the project's own.",
)
@click.version_option(package_name="aspire-bot")
@click.pass_context
def main(context: click.Context, config: str | None) -> None:
    """Follow the SFC's ASPIRe roadmap for virtual assets: ask, subscribe, and be told once."""
    context.obj = config


main.add_command(feeds)


@main.command()
@click.pass_obj
def run(config: str | None) -> None:
    """Run every platform that has a token; with none, open the console."""
    from bot.running import run_bot

    _leave(run_bot(config))


@main.command()
@click.pass_obj
def chat(config: str | None) -> None:
    """Talk with the bot here; news is polled and alerts arrive meanwhile."""
    from bot.running import run_console

    _leave(run_console(config))


@main.command()
@click.argument("text", nargs=-1, required=True)
@click.option("--channel", default="general", show_default=True, help="The console channel.")
@click.option("--json", "as_json", is_flag=True, help="The whole reply as JSON.")
@click.pass_obj
def ask(config: str | None, text: tuple[str, ...], channel: str, *, as_json: bool) -> None:
    """Ask one thing and print the answer: aspire ask "pillar safeguards"."""
    from bot.asking import ask_once

    _leave(ask_once(config, " ".join(text), channel, as_json=as_json))


@main.command()
@click.option("--force", is_flag=True, help="All feeds that are on, due or not.")
@click.pass_obj
def poll(config: str | None, *, force: bool) -> None:
    """Poll the feeds that are due, now, and print how each fared."""
    from bot.polling import poll_once

    _leave(poll_once(config, force=force))


@main.command()
@click.argument("title", required=False)
@click.option("--summary", default="", help="More of the item's text.")
@click.option("--source", default="", help="Who published it.")
@click.option("--file", "path", metavar="ITEMS.jsonl", help="Tag one JSON object a line.")
def tag(title: str | None, summary: str, source: str, path: str | None) -> None:
    """Say which pillars a headline touches and why, or tag a file of items."""
    from bot.tagging import tag_file, tag_title

    if (title is None) == (path is None):
        raise click.UsageError('give either a title or --file: aspire tag "…"')
    _leave(tag_file(path) if path is not None else tag_title(title or "", summary, source))


@main.command()
@click.argument("labels", metavar="LABELS.jsonl")
@click.option("--errors", is_flag=True, help="List every item that was tagged otherwise.")
@click.option("--lexicon", metavar="FOLDER", help="Compare: the same with another lexicon.")
def evaluate(labels: str, lexicon: str | None, *, errors: bool) -> None:
    """Measure the tagger against labelled items: precision, recall and F1 by pillar."""
    from bot.tagging import evaluate_file

    _leave(evaluate_file(labels, lexicon, errors=errors))


@main.group()
def labels() -> None:
    """What people corrected, as labelled examples."""


@labels.command()
@click.pass_obj
def export(config: str | None) -> None:
    """Print every corrected item as JSON, one a line, in the shape that evaluate reads."""
    from bot.labels import export_labels

    _leave(export_labels(config))


@main.command("retag-archive")
@click.option("--dry-run", is_flag=True, help="Only say what would change.")
@click.pass_obj
def retag_archive(config: str | None, *, dry_run: bool) -> None:
    """Tag the archive anew after the lexicon has changed; nothing is sent to anybody."""
    from bot.labels import retag_archive as retag

    _leave(retag(config, dry_run=dry_run))


@main.command()
@click.pass_obj
def doctor(config: str | None) -> None:
    """Check configuration, database, feeds and tokens, and say what to do."""
    from bot.doctor import examine

    _leave(examine(config))


@main.group(invoke_without_command=True)
@click.option("--failed", "state", flag_value="failed", help="Only those that failed.")
@click.option("--paused", "state", flag_value="paused", help="Only those that wait for a channel.")
@click.option("--dropped", "state", flag_value="dropped", help="Only those withdrawn or listed.")
@click.option("--unknown", "state", flag_value="unknown", help="Only those that may have arrived.")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@click.pass_context
def deliveries(context: click.Context, state: str | None, *, as_json: bool) -> None:
    """Show what is queued, stuck and why; deliveries retry ID tries one again."""
    from bot.deliveries import show

    if context.invoked_subcommand is None:
        _leave(show(context.obj, state or "", as_json=as_json))


@deliveries.command("retry")
@click.argument("identifier", metavar="ID", type=int)
@click.pass_obj
def retry(config: str | None, identifier: int) -> None:
    """Queue a failed or waiting delivery anew."""
    from bot.deliveries import retry as again

    _leave(again(config, identifier))


@main.command("slack-manifest")
@click.option("--http", is_flag=True, help="For HTTP mode at [slack] public_url.")
@click.pass_obj
def slack_manifest(config: str | None, *, http: bool) -> None:
    """Print the manifest to create the Slack app from; see docs/slack.md."""
    from bot.installing import print_manifest

    _leave(print_manifest(config, "http" if http else "socket"))


@main.command("discord-invite")
@click.argument("application", required=False)
@click.pass_obj
def discord_invite(config: str | None, application: str | None) -> None:
    """Print the address that invites the bot to a Discord server; see docs/discord.md."""
    from bot.installing import print_invite

    _leave(print_invite(config, application))


def _leave(code: int) -> None:
    sys.exit(code)
