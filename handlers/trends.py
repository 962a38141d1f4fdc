"""How much news each pillar had, week by week: `trends`, as text."""

from feeds import archive_search
from handlers.context import Context
from handlers.messages import Card, Line, Reply

_WEEK_S = 604800
_WEEKS = {"30d": 5, "90d": 13, "1y": 52}
_BARS = "▁▂▃▄▅▆▇█"


def trends(context: Context) -> Reply:
    period = context.options.get("period", "90d")
    weeks = _WEEKS[period]
    since = context.now - weeks * _WEEK_S
    counts: dict[str, list[int]] = {p.key: [0] * weeks for p in context.roadmap.pillars}
    for topic, week, many in archive_search.weekly_counts(context.connection, since):
        if topic in counts and 0 <= week < weeks:
            counts[topic][week] += many
    lines = [Line(context.say("trends.intro", weeks=weeks), kind="note")]
    lines += [_pillar_line(context, pillar, series) for pillar, series in counts.items()]
    return Reply(
        Card(
            context.say("trends.title"),
            lines=tuple(lines),
            footer=context.say("trends.footer"),
            language=context.language,
        ),
        public=context.public,
    )


def _pillar_line(context: Context, pillar: str, series: list[int]) -> Line:
    chip = context.chip(pillar)
    return Line(
        sparkline(series),
        kind="bullet",
        label=f"{chip.letter} {chip.label}",
        after=context.say("trends.numbers", total=sum(series), last=series[-1], most=max(series)),
    )


def sparkline(series: list[int]) -> str:
    """One bar a number, the highest full; nothing at all is a dot."""
    top = max(series, default=0)
    return "".join(
        "·" if value == 0 else _BARS[(value * (len(_BARS) - 1) + top - 1) // top]
        for value in series
    )
