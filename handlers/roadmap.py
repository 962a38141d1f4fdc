"""What the roadmap says and where it stands: `help`, `roadmap`, `pillar`, `initiative`."""

from feeds import archive_search
from feeds.archive_search import Look
from feeds.items import Article
from feeds.roadmap import Found
from feeds.roadmap_parts import Initiative
from handlers.cards import milestone_line, news_line
from handlers.commands import BY_NAME, COMMANDS, Command
from handlers.context import Context
from handlers.errors import Misunderstood
from handlers.messages import Button, Card, Line, Reply
from handlers.parsing import find_command, nearest_commands, usage

MAX_MILESTONES = 12


def help_(context: Context) -> Reply:
    wanted = context.options.get("command", "")
    if not wanted:
        return Reply(_all_commands(context), public=context.public)
    command = find_command(wanted)
    if command is None:
        near = tuple(f"help {name}" for name in nearest_commands([wanted]))
        raise Misunderstood("core.unknown_command", word=wanted, suggestions=near)
    return Reply(_one_command(context, command), public=context.public)


def _all_commands(context: Context) -> Card:
    lines = [Line(context.say("core.help_intro"))]
    lines += [
        Line(context.say(f"commands.{command.name}.what"), kind="bullet", label=usage(command))
        for command in COMMANDS
    ]
    lines.append(Line(context.say("core.help_more"), kind="note"))
    return Card(
        context.say("core.help_title"),
        lines=tuple(lines),
        buttons=(
            Button(context.say("core.button_roadmap"), "roadmap"),
            Button(context.say("core.button_subscribe"), "subscribe", form=True),
        ),
        language=context.language,
    )


def _one_command(context: Context, command: Command) -> Card:
    lines = [Line(context.say(f"commands.{command.name}.what"))]
    lines.append(Line(f"/aspire {usage(command)}", label=context.say("core.help_usage")))
    lines.append(Line(f"/aspire {command.example}", label=context.say("core.help_example")))
    for option in command.options:
        what = context.say(f"commands.{command.name}.option.{option.name}")
        choices = f" ({', '.join(option.choices)})" if option.choices else ""
        lines.append(Line(what + choices, kind="bullet", label=option.name))
    return Card(
        context.say("core.help_of", command=command.name),
        lines=tuple(lines),
        buttons=(Button(command.example, command.example),)
        if not BY_NAME[command.name].changes and not command.fetches
        else (),
        language=context.language,
    )


def roadmap(context: Context) -> Reply:
    book = context.roadmap
    lines = [
        Line(
            context.say("roadmap.published", date=book.document.published.isoformat()),
            kind="note",
        )
    ]
    for pillar in book.pillars:
        lines.append(
            Line(
                pillar.objective(context.language),
                kind="heading",
                label=f"{pillar.letter} {pillar.name(context.language)}",
            )
        )
        lines += [_initiative_line(context, number) for number in pillar.initiatives]
    lines.append(Line(context.say("roadmap.inferred"), kind="note"))
    return Reply(
        Card(
            context.say("roadmap.title"),
            url=book.document.address,
            lines=tuple(lines),
            footer=context.say("roadmap.source"),
            buttons=tuple(
                Button(p.name(context.language), f"pillar {p.key}") for p in book.pillars
            ),
            language=context.language,
        ),
        public=context.public,
    )


def _initiative_line(context: Context, number: int) -> Line:
    initiative = context.roadmap.initiative(number)
    return Line(
        initiative.name(context.language),
        kind="bullet",
        label=f"#{number}",
        after=context.say(f"roadmap.status.{initiative.status}"),
    )


def pillar(context: Context) -> Reply:
    book = context.roadmap
    words = context.options.get("pillar", "")
    if not words:
        raise Misunderstood("core.which_pillar", suggestions=_pillar_choices(context))
    found = book.find_pillar(words)
    if not found.topic:
        raise Misunderstood("core.unknown_pillar", word=words, suggestions=_near(found, "pillar"))
    one = book.pillar(found.topic)
    lines = [Line(one.objective(context.language), kind="quote")]
    lines += [_initiative_line(context, number) for number in one.initiatives]
    milestones = book.milestones_of(one.key)
    if milestones:
        lines.append(Line(context.say("roadmap.last_milestone"), kind="heading"))
        lines.append(milestone_line(milestones[-1], context.language))
    lines += _latest(context, one.key)
    return Reply(
        Card(
            context.say("roadmap.pillar_title", letter=one.letter, name=one.name(context.language)),
            lines=tuple(lines),
            chips=(context.chip(one.key),),
            footer=context.say("roadmap.source"),
            buttons=_buttons(context, one.key),
            topic=one.key,
            language=context.language,
        ),
        public=context.public,
    )


def initiative(context: Context) -> Reply:
    words = context.options.get("initiative", "")
    if not words:
        raise Misunderstood("core.which_initiative", suggestions=("roadmap",))
    found = context.roadmap.find_initiative(words)
    if not found.topic:
        raise Misunderstood(
            "core.unknown_initiative", word=words, suggestions=_near(found, "initiative")
        )
    one = context.roadmap.initiative(int(found.topic))
    return Reply(_initiative_card(context, one), public=context.public)


def _initiative_card(context: Context, one: Initiative) -> Card:
    language = context.language
    status = context.say(f"roadmap.status.{one.status}")
    lines = [
        Line(one.what(language)),
        Line(
            one.status_text(language),
            label=context.say("roadmap.status_label", status=status, as_of=one.as_of),
        ),
    ]
    if language != "en" and not one.official_chinese:
        lines.append(Line(context.say("roadmap.unofficial_name"), kind="note"))
    milestones = context.roadmap.milestones_of(str(one.number))
    lines.append(Line(context.say("roadmap.milestones", count=len(milestones)), kind="heading"))
    lines += [milestone_line(m, language) for m in milestones[-MAX_MILESTONES:]]
    lines += _latest(context, str(one.number))
    return Card(
        context.say("roadmap.initiative_title", number=one.number, name=one.name(language)),
        lines=tuple(lines),
        chips=(context.chip(one.pillar), context.chip(str(one.number))),
        footer=context.say("roadmap.source"),
        buttons=_buttons(context, str(one.number)),
        topic=one.pillar,
        language=language,
    )


def latest_news(context: Context, topic: str) -> list[Article]:
    look = Look(
        topics=(topic,),
        hong_kong=True,
        workspace=context.workspace,
        seeded=False,
        limit=context.manners.latest,
    )
    return archive_search.find(context.connection, look)


def _latest(context: Context, topic: str) -> list[Line]:
    lines = [Line(context.say("roadmap.latest_news"), kind="heading")]
    news = latest_news(context, topic)
    if not news:
        return [*lines, Line(context.say("roadmap.no_news_yet"), kind="note")]
    return lines + [news_line(one, context.roadmap, context.language) for one in news]


def _buttons(context: Context, topic: str) -> tuple[Button, ...]:
    return (
        Button(context.say("core.button_subscribe"), f"subscribe {topic}", style="primary"),
        Button(context.say("core.button_more_news"), f"news {topic}"),
    )


def _pillar_choices(context: Context) -> tuple[str, ...]:
    return tuple(f"pillar {one.key}" for one in context.roadmap.pillars)


def _near(found: Found, command: str) -> tuple[str, ...]:
    return tuple(f"{command} {topic}" for topic in found.suggestions)
