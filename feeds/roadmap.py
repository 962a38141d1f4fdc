"""The roadmap: loaded and checked as a whole, and found by the words that people use for it."""

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cache, cached_property
from pathlib import Path
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from feeds.folding import fold, is_cjk
from feeds.items import PILLARS
from feeds.roadmap_parts import INITIATIVES, Document, Initiative, Milestone, Pillar

ROADMAP = Path(__file__).with_name("roadmap.toml")
ALL = "all"

_MAX_TYPED = 100
_MAX_SUGGESTIONS = 3
_SHORTEST_NEAR = 4
_NEARNESS = 0.75
_NUMBERED = re.compile(
    r"(?:(?:initiative|init|no|措施|举措|倡议) ?)?[#第]? ?(\d{1,2}|[一二三四五六七八九十]{1,2})"
    r" ?[项号]?(?:措施|举措|倡议)?"
)
_CHINESE_NUMBERS = {digit: number for number, digit in enumerate("一二三四五六七八九十", start=1)}
_CHINESE_NUMBERS |= {"十一": 11, "十二": 12}
_PILLAR_WORD = re.compile(r"^(?:pillar|支柱) ?| ?(?:pillar|支柱)$")
_Part = TypeVar("_Part")


class RoadmapError(Exception):
    """The roadmap's file is wrong. `mistakes` names every mistake with its place."""

    def __init__(self, mistakes: Sequence[str]) -> None:
        super().__init__("\n".join(mistakes))
        self.mistakes = tuple(mistakes)


@dataclass(frozen=True)
class Found:
    """What some words name: a pillar's key, an initiative's number as text, or "all".

    Without a topic, `suggestions` holds the nearest topics in the same form, best first.
    """

    topic: str = ""
    suggestions: tuple[str, ...] = ()


@dataclass(frozen=True)
class Roadmap:
    """The whole roadmap, milestones by date. `load_roadmap` makes it."""

    document: Document
    pillars: tuple[Pillar, ...]
    initiatives: tuple[Initiative, ...]
    milestones: tuple[Milestone, ...]
    everything: tuple[str, ...] = field(repr=False)
    """What people call all topics together."""

    def pillar(self, key: str) -> Pillar:
        """Raises KeyError for what is no pillar's key."""
        return self._pillars_by_key[key]

    def initiative(self, number: int) -> Initiative:
        """Raises KeyError for what is no initiative's number."""
        return self._initiatives_by_number[number]

    def milestone(self, identifier: str) -> Milestone:
        """Raises KeyError for what is no milestone's id."""
        return self._milestones_by_id[identifier]

    def find_pillar(self, words: str) -> Found:
        """A pillar by its key, letter, name in any language, or another name in use."""
        return _find(_without_pillar(words), self._pillar_words)

    def find_initiative(self, words: str) -> Found:
        """An initiative by number ("8", "#8", "initiative 8", "第8項"), name or telling part."""
        said = _plain(words)
        number = _number(said)
        return Found(number) if number else _find(said, self._initiative_words)

    def find_topic(self, words: str) -> Found:
        """A pillar, an initiative, or all of them; suggestions from both."""
        for found in (self.find_pillar(words), self.find_initiative(words)):
            if found.topic:
                return found
        return _find(_without_pillar(words), self._all_words)

    def milestones_of(self, topic: str) -> tuple[Milestone, ...]:
        """Those of a topic as `Found` names it, by date; none for anything else."""
        return tuple(
            milestone
            for milestone in self.milestones
            if topic == ALL
            or topic in milestone.pillars
            or topic in map(str, milestone.initiatives)
        )

    @cached_property
    def _pillars_by_key(self) -> Mapping[str, Pillar]:
        return {pillar.key: pillar for pillar in self.pillars}

    @cached_property
    def _initiatives_by_number(self) -> Mapping[int, Initiative]:
        return {initiative.number: initiative for initiative in self.initiatives}

    @cached_property
    def _milestones_by_id(self) -> Mapping[str, Milestone]:
        return {milestone.id: milestone for milestone in self.milestones}

    @cached_property
    def _pillar_words(self) -> Mapping[str, str]:
        return {word: pillar.key for pillar in self.pillars for word in _pillar_names(pillar)}

    @cached_property
    def _initiative_words(self) -> Mapping[str, str]:
        return {
            word: str(initiative.number)
            for initiative in self.initiatives
            for word in _initiative_names(initiative)
        }

    @cached_property
    def _all_words(self) -> Mapping[str, str]:
        everything = {_plain(word): ALL for word in self.everything}
        return {**everything, **self._pillar_words, **self._initiative_words}


def _plain(words: str) -> str:
    """Folded, without punctuation; empty for what is too long to be a name."""
    return " ".join(re.findall(r"\w+|#", fold(words))) if len(words) <= _MAX_TYPED else ""


def _without_pillar(words: str) -> str:
    said = _plain(words)
    return _PILLAR_WORD.sub("", said) or said


def _number(said: str) -> str:
    match = _NUMBERED.fullmatch(said)
    if not match:
        return ""
    written = match[1]
    number = int(written) if written.isdecimal() else _CHINESE_NUMBERS.get(written, 0)
    return str(number) if number in INITIATIVES else ""


def _find(said: str, topics: Mapping[str, str]) -> Found:
    if said in topics:
        return Found(topics[said])
    near = [*_holding(said, topics)]
    names = [name for name in topics if len(name) >= _SHORTEST_NEAR]
    near += get_close_matches(said, names, n=2 * _MAX_SUGGESTIONS, cutoff=_NEARNESS)
    suggestions = dict.fromkeys(topics[name] for name in near)
    return Found(suggestions=tuple(suggestions)[:_MAX_SUGGESTIONS])


def _holding(said: str, names: Mapping[str, str]) -> Iterator[str]:
    """Names of which the words are a part: "custody" is in more than one."""
    if len(said) < _SHORTEST_NEAR and not (len(said) > 1 and is_cjk(said[0])):
        return
    for name in names:
        if said in name if is_cjk(said[0]) else f" {said} " in f" {name} ":
            yield name


def _pillar_names(pillar: Pillar) -> set[str]:
    names = (pillar.key, pillar.letter, *pillar.names.values(), *pillar.aliases)
    return set(map(_plain, names))


def _initiative_names(initiative: Initiative) -> set[str]:
    return set(map(_plain, (*initiative.names.values(), *initiative.aliases)))


@cache
def load_roadmap(path: Path | None = None) -> Roadmap:
    """The roadmap from its file. Raises RoadmapError with all mistakes of the file at once."""
    table = _table(path or ROADMAP)
    mistakes = [f"{key}: unknown" for key in table if key not in Roadmap.__dataclass_fields__]
    documents = _parts(Document, "document", [table.get("document", {})], mistakes)
    pillars = _parts(Pillar, "pillars", table.get("pillars", []), mistakes)
    initiatives = _parts(Initiative, "initiatives", table.get("initiatives", []), mistakes)
    milestones = _parts(Milestone, "milestones", table.get("milestones", []), mistakes)
    everything = _parts(str, "everything", table.get("everything", []), mistakes)
    if not mistakes:
        mistakes += _shape_mistakes(documents[0], pillars, initiatives)
    mistakes += _milestone_mistakes(milestones, initiatives)
    mistakes += _name_mistakes(pillars, initiatives, everything)
    if mistakes:
        raise RoadmapError(mistakes)
    by_date = tuple(sorted(milestones, key=lambda milestone: milestone.date))
    return Roadmap(documents[0], pillars, initiatives, by_date, everything)


def _table(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise RoadmapError([f"{path.name}: {error}"]) from error


def _parts(
    kind: type[_Part], name: str, values: Sequence[Any], mistakes: list[str]
) -> tuple[_Part, ...]:
    """Those that are right; of the others all mistakes, with place and name of the part."""
    if not isinstance(values, list):
        mistakes.append(f"{name}: must be a list")
        return ()
    adapter = TypeAdapter(kind)
    parts: list[_Part] = []
    for index, value in enumerate(values):
        try:
            parts.append(adapter.validate_python(value))
        except ValidationError as error:
            place = f"{name}[{index}]{_label(value)}"
            mistakes += [
                ".".join((place, *map(str, fault["loc"]))) + f": {fault['msg']}"
                for fault in error.errors(include_url=False, include_input=False)
            ]
    return tuple(parts)


def _label(value: object) -> str:
    """The part's own name, for people who search the file for it."""
    table = value if isinstance(value, dict) else {}
    label = table.get("id") or table.get("key") or table.get("number")
    return f" ({label})" if label else ""


def _shape_mistakes(
    document: Document, pillars: Sequence[Pillar], initiatives: Sequence[Initiative]
) -> Iterator[str]:
    if tuple(pillar.key for pillar in pillars) != PILLARS:
        yield f"pillars: must be {', '.join(PILLARS)}, in that order"
    if tuple(initiative.number for initiative in initiatives) != INITIATIVES:
        yield f"initiatives: must be {INITIATIVES[0]} to {INITIATIVES[-1]}, in that order"
    if (document.pillars, document.initiatives) != (len(pillars), len(initiatives)):
        yield "document: counts other pillars or initiatives than there are"
    for pillar in pillars:
        own = tuple(one.number for one in initiatives if one.pillar == pillar.key)
        if pillar.initiatives != own:
            yield f"pillars ({pillar.key}).initiatives: the initiatives themselves say {own}"


def _milestone_mistakes(
    milestones: Sequence[Milestone], initiatives: Sequence[Initiative]
) -> Iterator[str]:
    homes = {initiative.number: initiative.pillar for initiative in initiatives}
    seen: set[str] = set()
    for milestone in milestones:
        place = f"milestones ({milestone.id})"
        if milestone.id in seen:
            yield f"{place}.id: used twice"
        seen.add(milestone.id)
        if milestone.precision == "month" and milestone.date.day != 1:
            yield f"{place}.date: must be the first of the month where only the month is known"
        if not milestone.pillars and not milestone.adjacent:
            yield f"{place}.pillars: none, though it is not adjacent"
        for number in milestone.initiatives:
            if number in homes and homes[number] not in milestone.pillars:
                yield f"{place}.initiatives: {number} belongs to a pillar that is not named"


def _name_mistakes(
    pillars: Sequence[Pillar], initiatives: Sequence[Initiative], everything: Sequence[str]
) -> Iterator[str]:
    owners = {_plain(word): ALL for word in everything}
    named = [(pillar.key, _pillar_names(pillar)) for pillar in pillars]
    named += [(str(one.number), _initiative_names(one)) for one in initiatives]
    for topic, names in named:
        for name in sorted(names):
            if owners.setdefault(name, topic) != topic:
                yield f"{topic}: “{name}” already names {owners[name]}"
            if not name or _number(name):
                yield f"{topic}: “{name}” cannot be a name"
