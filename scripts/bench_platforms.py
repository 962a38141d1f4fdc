"""The fake Slack and the fake Discord with many channels, in a process of its own, for benchmarks.

`python -m scripts.bench_platforms --slack 500 --discord 500 [--slack-per-second 1]` prints one line
of JSON with their addresses, tokens and channels, and serves until it is ended. For each line that
it reads it prints how often a limit was passed so far.
"""

import argparse
import asyncio
import json
import sys

from tests.adapters.discord.fake_discord import FakeDiscord
from tests.adapters.slack.fake_slack import FakeSlack
from tests.adapters.slack.fake_slack_world import Channel


async def serve(options: argparse.Namespace) -> None:
    async with FakeSlack() as slack, FakeDiscord() as discord:
        workspace = slack.workspace()
        names = [f"C{number:06}" for number in range(options.slack)]
        for name in names:
            members = {workspace.bot_user, "U1"}
            workspace.channels[name] = Channel(name, name.lower(), members=members)
        slack.api.per_second = options.slack_per_second
        guilds = [discord.world.add_guild(f"Guild {number}") for number in range(options.guilds)]
        places = []
        for number in range(options.discord):
            guild = guilds[number % len(guilds)]
            places.append((guild.id, discord.world.add_channel(guild, f"c{number}")))
        discord.limits.per_second = options.discord_per_second
        told = {
            "slack_url": slack.api_url,
            "slack_token": slack.bot_token,
            "team": workspace.id,
            "slack": names,
            "discord_url": discord.api_url,
            "discord_token": discord.token,
            "discord": places,
        }
        if options.discord_bucket:
            discord.limits.per_channel = (options.discord_bucket, 5.0)
        print(json.dumps(told), flush=True)
        while await asyncio.to_thread(sys.stdin.readline):
            refused = sum(status == 429 for _, _, status in discord.rest.requests)
            passed = {"slack": slack.api.limited, "discord": refused}
            print(json.dumps(passed), flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--slack", type=int, default=500, help="channels")
    parser.add_argument("--discord", type=int, default=500, help="channels")
    parser.add_argument("--guilds", type=int, default=20)
    parser.add_argument("--slack-per-second", type=float, default=0.0)
    parser.add_argument("--discord-per-second", type=int)
    parser.add_argument("--discord-bucket", type=int, help="messages in 5 s into a channel")
    asyncio.run(serve(parser.parse_args()))


if __name__ == "__main__":
    main()
