"""Cards for the adapter's tests: hostile, huge, and arbitrary ones."""

from hypothesis import strategies as st

from handlers.messages import Button, Card, Chip, Line, Moment

HOSTILE = (
    "<!channel>",
    "<!here|here>",
    "<@U1>",
    "<!subteam^S1>",
    "<https://evil.example|https://www.sfc.hk>",
    "*bold* _sly_ ~gone~ `code` ```block```",
    "&amp; &lt;!channel&gt; &",
    "\u202egnp.exe\u2066 right\u200bto\u200fleft",
    "line\nbreak\ttab\x00null\x1b[31m",
    ":smile: @channel #general",
    "> quoted",
    "託管新規：虛擬資產「保障」<!channel>",
    "👩‍👩‍👧‍👦🇭🇰👍🏽",
    "\ud800 lone",
    '"quotes" \\back\\slash',
)

LETTERS = st.text(max_size=300) | st.sampled_from(HOSTILE)
LONG = LETTERS | st.builds(lambda text, times: text * times, LETTERS, st.integers(1, 40))
URLS = st.sampled_from(
    (
        "",
        "https://www.sfc.hk/en/News?a=1&b=<2>|3",
        "http://例子.香港/路徑",
        "javascript:alert(1)",
        "https://user@www.sfc.hk@evil.example/",
        "https://",
        "https://[::1",
        "https://a.example/" + "x" * 2_000,
        "not an address",
    )
)
MOMENTS = st.none() | st.builds(
    Moment,
    st.integers(0, 4_000_000_000),
    st.booleans(),
    st.sampled_from(("Asia/Hong_Kong", "America/New_York", "No/Where")),
)
LINES = st.builds(
    Line,
    text=LONG,
    kind=st.sampled_from(("text", "heading", "bullet", "note", "quote")),
    url=URLS,
    label=LETTERS,
    after=LETTERS,
    when=MOMENTS,
)
ASKS = st.sampled_from(("why 12", "subscribe safeguards", "news 託管 since 30d", "x" * 100))
BUTTONS = st.builds(
    Button,
    label=LETTERS,
    ask=ASKS,
    style=st.sampled_from(("plain", "primary", "danger")),
    form=st.booleans(),
) | st.builds(lambda label, url: Button(label, "", url=url), LETTERS, URLS)
CHIPS = st.builds(
    Chip, st.sampled_from(("access", "3")), st.sampled_from(("A", "#3")), st.text(max_size=100)
)
CARDS = st.builds(
    Card,
    title=LONG,
    url=URLS,
    lines=st.lists(LINES, max_size=60).map(tuple),
    chips=st.lists(CHIPS, max_size=17).map(tuple),
    footer=LONG,
    when=MOMENTS,
    buttons=st.lists(BUTTONS, max_size=30).map(tuple),
    tone=st.sampled_from(("plain", "good", "warning", "error")),
    mention=st.sampled_from(("", "U1", "S1", "!channel", "here", "U1> <!channel")),
    language=st.sampled_from(("en", "zh-Hant", "zh-Hans")),
)


def long_card(lines: int, text: str = "An item of news", url: str = "") -> Card:
    return Card(
        "Many",
        lines=tuple(Line(f"{text} {number}", kind="bullet", url=url) for number in range(lines)),
        buttons=(Button("More", "news page 2"),),
        footer="the end",
    )


def widest_card() -> Card:
    """Everything that is always shown, at its widest."""
    wide = "寬" * 400
    address = "https://a.example/" + "x" * 480
    return Card(
        title='"' * 10_000,
        url="https://a.example/" + "y" * 1_450,
        lines=tuple(Line(wide * 3, label=wide, after=wide) for _ in range(30)),
        chips=tuple(Chip("access", "A", wide) for _ in range(12)),
        footer=wide,
        when=Moment(1_783_587_180),
        buttons=tuple(Button(wide, "", url=address) for _ in range(4))
        + tuple(Button(wide, "x" * 98 + f"{number:02}") for number in range(30)),
        mention="U0123456789",
    )
