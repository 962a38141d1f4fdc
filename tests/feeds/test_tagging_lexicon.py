"""A lexicon that cannot be used is refused with all its mistakes at once."""

from pathlib import Path

import pytest

from feeds import tagging_reader
from feeds.items import PILLARS
from feeds.tagging import LexiconError, Tagger
from feeds.tagging_lexicon import FOLDER

DESCRIPTIONS = "\n".join(
    f'[descriptions.weighed-{name}]\nen = "e"\nzh_hant = "t"\nzh_hans = "s"' for name in PILLARS
)
GOOD = """
[concepts.coin]
about = "Coins"
words = "bitcoin, 比特幣"

[concepts.launches]
about = "Launching"
words = "launch*"

[rules.names-a-coin]
topics = ["virtual_asset"]
needs = ["coin"]
en = "Names a coin"
zh_hant = "提到幣"
zh_hans = "提到币"

[rules.coin-launched]
topics = ["products"]
needs = ["coin", "launches"]
en = "A coin is launched"
zh_hant = "推出新幣"
zh_hans = "推出新币"
"""


def lexicon(folder: Path, **files: str) -> Path:
    """A lexicon's folder: the good file, and what is given."""
    (folder / "a_good.toml").write_text(GOOD + DESCRIPTIONS, encoding="utf-8")
    for name, text in files.items():
        suffix = "tsv" if name == "weights" else "toml"
        (folder / f"{name}.{suffix}").write_text(text, encoding="utf-8")
    return folder


def mistakes(folder: Path) -> list[str]:
    with pytest.raises(LexiconError) as refused:
        Tagger.load(folder)
    return list(refused.value.mistakes)


def test_an_analyst_s_own_lexicon_is_used(tmp_path: Path) -> None:
    """A folder of concepts and rules is all that a tagger needs."""
    tagger = Tagger.load(lexicon(tmp_path))
    assert tagger.tag("Bitcoin fund launched").pillars == ("products",)
    assert tagger.tag("比特币 launching soon").pillars == ("products",)
    assert tagger.describe("coin-launched", "zh-Hant") == "推出新幣"


def test_the_version_follows_the_files(tmp_path: Path) -> None:
    """Any change of a lexicon changes its version; reading it again does not."""
    first = Tagger.load(lexicon(tmp_path)).version
    assert Tagger.load(tmp_path).version == first
    changed = Tagger.load(lexicon(tmp_path, more='[concepts.x]\nabout = "X"\nwords = "xyz"\n'))
    assert changed.version != first


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ('[concepts.x]\nwords = "xyz"', "concepts.x: about: expected a text"),
        ('[concepts.x]\nabout = "X"', "concepts.x: has neither words nor includes"),
        ('[concepts.x]\nabout = "X"\nwords = ["xyz"]', "words: expected one text"),
        ('[concepts.x]\nabout = "X"\nwords = "Licence, licenses"', "'licenses' is there twice"),
        ('[concepts.x]\nabout = "X"\nwords = "證監會, 证监会"', "'证监会' is there twice"),
        ('[concepts.x]\nabout = "X"\nwords = "港"', "a single character is in too many words"),
        ('[concepts.x]\nabout = "X"\nwords = "??"', "'??' has no letter or digit"),
        ('[concepts.x]\nabout = "X"\nwords = "ab*"', "give at least three letters before *"),
        ('[concepts.x]\nabout = "X"\nwords = "代幣*"', "* is for Latin words only"),
        ('[concepts.x]\nabout = "X"\nincludes = ["y"]', "includes: there is no concept 'y'"),
        ('[concepts.x]\nabout = "X"\nwords = "xyz"\nhides = ["y"]', "hides: there is no concept"),
        ('[concepts.x]\nabout = "X"\nincludes = ["x"]', "concepts.x: includes itself"),
        ('[concepts.x]\nabout = "X"\nwords = "xyz"\nsource = 1', "source: expected true or false"),
        ('[concepts.x]\nabout = "X"\nword = "xyz"', "word: no such field"),
        ('[concepts.coin]\nabout = "X"\nwords = "xyz"', "concepts.coin: already in a_good.toml"),
        ("concepts.x = 1", "concepts.x: expected a table"),
        ("[rule.x]", "[rule]: expected one of [concepts.NAME]"),
        ("[rules.x", "not readable as TOML"),
    ],
)
def test_a_mistake_is_named_with_its_file_and_entry(tmp_path: Path, entry: str, said: str) -> None:
    """Each mistake says which file, which entry, and what is wrong."""
    found = mistakes(lexicon(tmp_path, z_bad=entry))
    assert [each for each in found if each.startswith("z_bad.toml: ") and said in each], found


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ('topics = ["product"]', "topics: 'product' is none of virtual_asset, hong_kong, access"),
        ("topics = []", "topics: missing or empty"),
        ('needs = ["coins"]', "needs: there is no concept 'coins'"),
        ('needs = "coin"', "needs: expected a list of texts"),
        ('unless = ["wallets"]', "unless: there is no concept 'wallets'"),
        ('where = "headline"', "where: 'headline' is none of title, summary, sentence, text"),
        ("points = 9", "points: expected a number from -3 to 3"),
        ("points = true", "points: expected a number"),
        ('zh_hans = " "', "zh_hans: expected a text that is not empty"),
    ],
)
def test_a_rule_s_mistake_is_named(tmp_path: Path, change: str, said: str) -> None:
    """A rule with a field that cannot be meant is refused, whichever field it is."""
    fields = {
        "topics": 'topics = ["products"]',
        "needs": 'needs = ["coin"]',
        "en": 'en = "e"',
        "zh_hant": 'zh_hant = "t"',
        "zh_hans": 'zh_hans = "s"',
    }
    fields[change.split(" = ", maxsplit=1)[0]] = change
    entry = "[rules.x]\n" + "\n".join(fields.values())
    found = mistakes(lexicon(tmp_path, z_bad=entry))
    assert [each for each in found if each.startswith("z_bad.toml: rules.x: ") and said in each]


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    """Nobody mends a lexicon one error at a time."""
    found = mistakes(
        lexicon(
            tmp_path,
            y_bad='[concepts.x]\nabout = ""\nwords = "港"\ncolour = "red"',
            z_bad='[rules.x]\ntopics = ["q"]\nneeds = ["r"]',
        )
    )
    assert len(found) == 8
    assert {each.split(":")[0] for each in found} == {"y_bad.toml", "z_bad.toml"}


def test_an_unreadable_file_hides_no_other_file_s_names(tmp_path: Path) -> None:
    """One file that cannot be read is one mistake, not one for each name that it held."""
    folder = lexicon(tmp_path, z_bad="[concepts.y")
    (folder / "b.toml").write_text('[concepts.x]\nabout = "X"\nincludes = ["y"]', encoding="utf-8")
    assert len(mistakes(folder)) == 1


def test_an_empty_folder_is_no_lexicon(tmp_path: Path) -> None:
    """A wrong folder does not make a tagger that says nothing."""
    assert mistakes(tmp_path) == [f"{tmp_path.name}: there is no rule in the folder"]


HEADER = "what\twhere\taccess\tsafeguards\tproducts\tinfrastructure\trelationships\n"
BIAS = "bias\talways\t-2\t-2\t-2\t-2\t-2\n"


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ("", "weights.tsv: expected a first row what where access"),
        (HEADER, "weights.tsv: there is no row bias always"),
        (HEADER + BIAS + "coin\ttitle\t1\n", "weights.tsv: line 3: expected 7 cells, found 3"),
        (HEADER + BIAS + "con\ttitle\t1\t1\t1\t1\t1\n", "line 3: there is no concept 'con'"),
        (
            HEADER + BIAS + "coin\tbody\t1\t1\t1\t1\t1\n",
            "line 3: 'body' is none of title, summary, word",
        ),
        (HEADER + BIAS + "coin\ttitle\t1\t1\tx\t1\t1\n", "line 3: 'x' is not a number"),
        (HEADER + BIAS + BIAS, "line 3: bias in the always is there twice"),
    ],
)
def test_a_mistake_in_the_weights_is_named_with_its_line(
    tmp_path: Path, table: str, said: str
) -> None:
    """The table of weights is checked like the rest of the lexicon."""
    assert [each for each in mistakes(lexicon(tmp_path, weights=table)) if said in each]


def test_weights_speak_where_no_rule_does(tmp_path: Path) -> None:
    """Words that lean clearly to a pillar give it, with those words as evidence."""
    table = HEADER + BIAS + "coin\ttitle\t0\t0\t0\t0\t3\n"
    tags = Tagger.load(lexicon(tmp_path, weights=table)).tag("Bitcoin for beginners")
    assert tags.pillars == ("relationships",)
    spoken = [each for each in tags.evidence if each.topic == "relationships"]
    assert [(each.rule, each.words) for each in spoken] == [("weighed-relationships", ("Bitcoin",))]


def test_a_rule_against_a_pillar_silences_the_weights(tmp_path: Path) -> None:
    """Negative points keep a pillar away that the weights alone would give."""
    against = """
[rules.never]
topics = ["relationships"]
needs = ["coin"]
points = -1
en = "e"
zh_hant = "t"
zh_hans = "s"
"""
    table = HEADER + BIAS + "coin\ttitle\t0\t0\t0\t0\t3\n"
    folder = lexicon(tmp_path, weights=table, b=against)
    assert Tagger.load(folder).tag("Bitcoin for beginners").pillars == ()


def test_words_and_points_weigh_beside_concepts(tmp_path: Path) -> None:
    """Bare words lean too, in either script; what they overlap in is shown as one."""
    table = HEADER + BIAS + "炒卖\tword\t0\t0\t3\t0\t0\n卖教\tword\t0\t0\t3\t0\t0\n"
    tags = Tagger.load(lexicon(tmp_path, weights=table)).tag("比特幣炒賣教室")
    spoken = [each for each in tags.evidence if each.topic == "products"]
    assert [(each.rule, each.words) for each in spoken] == [("weighed-products", ("炒賣教",))]


def test_points_of_rules_weigh_by_their_row(tmp_path: Path) -> None:
    """What rules say of one pillar can lean against another."""
    table = HEADER + BIAS.replace("-2\t-2\t-2", "1\t-2\t-2")
    folder = lexicon(tmp_path, weights=table)
    assert Tagger.load(folder).tag("Bitcoin fund launched").pillars == ("access",)
    (folder / "weights.tsv").write_text(
        table + "points:products\ttitle\t-2\t0\t5\t0\t0\n", encoding="utf-8"
    )
    assert Tagger.load(folder).tag("Bitcoin fund launched").pillars == ("products",)


def test_every_concept_of_the_house_s_lexicon_is_used() -> None:
    """No words stand in the shipped lexicon that no rule, concept or weight hears."""
    own = tagging_reader.load(FOLDER)
    used = {name for rule in own.rules.values() for group in rule.needs for name in group}
    used |= {name for rule in own.rules.values() for name in rule.unless}
    used |= {name for concept in own.concepts.values() for name in concept.includes}
    used |= {name for concept in own.concepts.values() if concept.hides for name in [concept.name]}
    used |= {name for name, _ in own.weights.rows}
    assert set(own.concepts) - used == set()
