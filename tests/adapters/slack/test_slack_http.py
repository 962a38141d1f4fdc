"""HTTP mode: who may speak for Slack, and how workspaces install the app."""

import json
import time
from hashlib import sha256
from hmac import HMAC

import aiohttp
import pytest
from yarl import URL

from adapters.slack_chat import SlackChat
from adapters.slack_settings import SlackSettings
from handlers.messages import ChannelRef
from tests.adapters.slack.conftest import House, Kept, Open, http_settings, now, socket_settings
from tests.adapters.slack.desk import PILLAR, FakeDesk
from tests.adapters.slack.fake_slack import FakeSlack, Message, NotAcknowledged
from tests.adapters.slack.fake_slack_payloads import event_payload


@pytest.fixture
async def http_house(slack: FakeSlack, open_house: Open) -> House:
    return await open_house(http_settings(slack))


@pytest.fixture
async def shared(slack: FakeSlack, open_house: Open) -> House:
    """An app that any workspace can install, with no token of its own."""
    settings = SlackSettings(
        signing_secret=slack.signing_secret,
        client_id=slack.client_id,
        client_secret=slack.client_secret,
        api_url=slack.api_url,
        public_url="https://bot.example/",
    )
    return await open_house(settings)


async def post(house: House, body: str, headers: dict[str, str]) -> int:
    headers = {"Content-Type": "application/json", **headers}
    async with (
        aiohttp.ClientSession() as session,
        session.post(house.slack.request_url, data=body, headers=headers) as response,
    ):
        return response.status


def a_mention(slack: FakeSlack) -> str:
    event = {"type": "app_mention", "text": "news", "ts": "1.1", "channel": "C1", "user": "U1"}
    return json.dumps(event_payload(slack.workspace(), event, "Ev1", now()))


async def test_only_what_slack_signed_is_heard(http_house: House) -> None:
    """No signature, a wrong one, one for other words, and an old one are all refused."""
    slack, body = http_house.slack, a_mention(http_house.slack)
    good = slack.signed(body)
    assert await post(http_house, body, {}) == 401
    assert await post(http_house, body, {**good, "X-Slack-Signature": "v0=00"}) == 401
    assert await post(http_house, body + " ", good) == 401
    assert await post(http_house, body, slack.signed(body, int(time.time()) - 600)) == 401
    assert http_house.desk.asked == []
    assert await post(http_house, body, good) == 200
    await slack.until(lambda: http_house.desk.asked)


async def test_slacks_own_question_is_answered(http_house: House) -> None:
    """When the request URL is entered, Slack asks for its challenge back."""
    slack = http_house.slack
    body = json.dumps({"type": "url_verification", "challenge": "abc", "token": "legacy"})
    headers = {"Content-Type": "application/json", **slack.signed(body)}
    async with (
        aiohttp.ClientSession() as session,
        session.post(slack.request_url, data=body, headers=headers) as response,
    ):
        assert "abc" in await response.text()


async def test_a_bot_that_stops_takes_no_more(http_house: House) -> None:
    """What it cannot work on any more it does not acknowledge, so that Slack delivers it again."""
    await http_house.chat.close()
    with pytest.raises(NotAcknowledged, match="503"):
        await http_house.slack.mention("roadmap")
    assert http_house.desk.asked == []


async def test_without_a_signing_secret_nothing_is_served(slack: FakeSlack) -> None:
    """An empty secret would let anybody sign."""
    chat = SlackChat(SlackSettings(bot_token=slack.bot_token), FakeDesk(), now, Kept())
    with pytest.raises(ValueError, match="signing secret"):
        chat.routes()


async def test_the_environment_is_not_asked(
    slack: FakeSlack, open_house: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The libraries read variables of their own; the settings alone must count."""
    for name in ("BOT_TOKEN", "SIGNING_SECRET", "CLIENT_ID", "CLIENT_SECRET", "SCOPES"):
        monkeypatch.setenv(f"SLACK_{name}", "from-the-environment")
    house = await open_house(http_settings(slack))
    await slack.answer(await slack.command("/aspire", "pillar s"))
    body = a_mention(slack)
    stamp = slack.signed(body)["X-Slack-Request-Timestamp"]
    forged = HMAC(b"from-the-environment", f"v0:{stamp}:{body}".encode(), sha256).hexdigest()
    headers = {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": f"v0={forged}"}
    assert await post(house, body, headers) == 401


async def test_socket_mode_serves_no_routes(slack: FakeSlack) -> None:
    """Two open doors would be one too many."""
    assert SlackChat(socket_settings(slack), FakeDesk(), now, Kept()).routes() == []


# Installation


class Browser:
    """A person's browser: keeps cookies, follows nothing by itself."""

    def __init__(self, house: House) -> None:
        assert house.server
        self.base = house.server.make_url("/")
        self.session = aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True))
        self.cookie = ""

    async def get(self, path: str) -> tuple[int, str]:
        url = URL(str(self.base).rstrip("/") + path, encoded=True)
        headers = {"Cookie": self.cookie} if self.cookie else {}
        async with self.session.get(url, headers=headers, allow_redirects=False) as page:
            for value in page.headers.getall("Set-Cookie", ()):
                self.cookie = value.partition(";")[0]
            return page.status, await page.text()


def authorize_url(page: str) -> str:
    start = page.index("https://slack.com/oauth/v2/authorize")
    return page[start : page.index('"', start)].replace("&amp;", "&")


async def install(house: House, team: str) -> tuple[int, str]:
    browser = Browser(house)
    try:
        _, page = await browser.get("/slack/install")
        redirect = URL(house.slack.approve(authorize_url(page), team))
        return await browser.get(redirect.raw_path_qs)
    finally:
        await browser.session.close()


async def test_two_workspaces_install_the_app_and_each_gets_its_own(shared: House) -> None:
    """Each is answered with its own token; the tokens are kept; the core hears of both."""
    slack = shared.slack
    assert (await install(shared, "T2"))[0] == 200
    assert (await install(shared, "T3"))[0] == 200
    assert await shared.kept.list() == ["T2", "T3"]
    assert [one for one in shared.desk.happened if one[0] == "found"] == [
        ("found", "slack", "T2"),
        ("found", "slack", "T3"),
    ]
    for team in ("T2", "T3"):
        answer = await slack.answer(await slack.command("/aspire", "pillar s", team=team))
        assert isinstance(answer, Message)
        await shared.chat.sender.send(ChannelRef("slack", team, "C1"), PILLAR, "k")
        assert len(slack.messages("C1", team)) == 1


async def test_the_installation_asks_for_no_more_than_the_manifest(shared: House) -> None:
    """Scopes stand in one place."""
    await install(shared, "T2")
    assert shared.slack.workspace("T2").scopes.split(",") == [
        "app_mentions:read",
        "channels:read",
        "chat:write",
        "commands",
        "groups:read",
        "im:history",
        "users:read",
    ]


@pytest.mark.parametrize("trick", ["used", "unknown", "forged", "stolen", "expired"])
async def test_a_state_is_good_once_for_one_browser_for_ten_minutes(
    shared: House, trick: str
) -> None:
    """Otherwise somebody could slip a workspace of their own into another's installation."""
    browser = Browser(shared)
    _, page = await browser.get("/slack/install")
    redirect = URL(shared.slack.approve(authorize_url(page), "T2"))
    if trick == "used":
        await browser.get(redirect.raw_path_qs)
        shared.kept.texts.clear()
    elif trick == "unknown":  # whether it was used: no event can be noted
        shared.desk.full = True
    elif trick == "forged":
        redirect = redirect.update_query(state="9999999999.abc.deadbeef")
        browser.cookie = "slack-app-oauth-state=9999999999.abc.deadbeef"
    elif trick == "stolen":
        browser.cookie = ""
    else:
        shared.clock.ahead = 601
    status, _ = await browser.get(redirect.raw_path_qs)
    await browser.session.close()
    assert status in {400, 401}
    assert shared.kept.texts == {}


async def test_a_declined_installation_keeps_nothing(shared: House) -> None:
    """The person changed their mind, or Slack refuses the code."""
    browser = Browser(shared)
    _, page = await browser.get("/slack/install")
    assert (await browser.get("/slack/oauth_redirect?error=access_denied"))[0] == 200
    _, page = await browser.get("/slack/install")
    redirect = URL(shared.slack.approve(authorize_url(page), "T2"))
    shared.slack.codes.clear()
    assert (await browser.get(redirect.raw_path_qs))[0] == 401
    await browser.session.close()
    assert shared.kept.texts == {}


async def test_an_uninstalled_workspace_is_lost_and_can_come_back(shared: House) -> None:
    """Its token is thrown away and its channels pause; a new installation resumes them."""
    slack = shared.slack
    await install(shared, "T2")
    await slack.uninstall("T2", at=now() + 5)
    await slack.until(lambda: ("lost", "slack", "T2") in shared.desk.happened)
    assert shared.kept.texts == {}
    del slack.world.workspaces["T2"]
    await install(shared, "T2")
    await shared.chat.sender.send(ChannelRef("slack", "T2", "C1"), PILLAR, "k")
    assert len(slack.messages("C1", "T2")) == 1


async def test_installing_needs_somewhere_to_keep_tokens(slack: FakeSlack) -> None:
    """A program that forgot is told at start, not at the first installation."""
    settings = SlackSettings(signing_secret="s", client_id="1", client_secret="2")
    chat = SlackChat(settings, FakeDesk(), now)
    with pytest.raises(ValueError, match="keep the tokens"):
        chat.routes()
