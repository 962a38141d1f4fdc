"""The whole bot as a process, between a Slack and a Discord: started, used, and stopped."""

import asyncio
import os
import socket
import sys
from pathlib import Path

import aiohttp

from tests.adapters.discord.fake_discord import FakeDiscord
from tests.adapters.discord.waiting import until
from tests.adapters.slack.fake_slack import FakeSlack, Message

ROOT = Path(__file__).resolve().parents[3]


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def configuration(slack: FakeSlack, discord: FakeDiscord, port: int) -> str:
    return (
        f'[slack]\napi_url = "{slack.api_url}"\n'
        f'[discord]\napi_url = "{discord.api_url}"\n'
        f"[http]\nport = {port}\n"
    )


async def ready(port: int) -> str:
    """The metrics of a bot that is ready. Raises TimeoutError."""
    async with asyncio.timeout(20), aiohttp.ClientSession(f"http://127.0.0.1:{port}") as session:
        while True:
            try:
                async with session.get("/readyz") as answer:
                    if answer.status == 200:
                        async with session.get("/metrics") as metrics:
                            return await metrics.text()
            except aiohttp.ClientConnectorError:
                pass
            await asyncio.sleep(0.1)


async def test_it_serves_both_platforms_and_stops_in_order(tmp_path: Path) -> None:
    """Ready when both are connected; answers on both; SIGTERM closes everything, exit code 0."""
    async with FakeSlack() as slack, FakeDiscord() as discord:
        channel = discord.world.add_channel(discord.world.add_guild("Acme"), "compliance")
        config, port = tmp_path / "config.toml", free_port()
        config.write_text(configuration(slack, discord, port), encoding="utf-8")
        tokens = {
            "SLACK_APP_TOKEN": slack.app_token,
            "SLACK_BOT_TOKEN": slack.bot_token,
            "DISCORD_TOKEN": discord.token,
        }
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bot", "--config", str(config), "run"),
            cwd=ROOT,
            env={**os.environ, **tokens},
            stderr=asyncio.subprocess.PIPE,
        )
        try:
            metrics = await ready(port)
            on_slack = await slack.answer(await slack.command("/aspire", "pillar s"))
            on_discord = await discord.command("pillar", {"pillar": "s"}, channel)
        finally:
            process.terminate()
            _, said = await asyncio.wait_for(process.communicate(), 20)
        assert isinstance(on_slack, Message)
        assert "Safeguards" in on_slack.text
        assert "Safeguards" in on_discord.embed["title"]
        for platform in ("slack", "discord"):
            assert f'aspire_platform_heard_seconds{{platform="{platform}"}}' in metrics
        assert process.returncode == 0, said
        assert b"Unclosed" not in said
        assert b"Traceback" not in said
        await until(lambda: not slack.sockets.open and not discord.gateway.wires)
