"""Where one reading borders on another: what must be heard, and what must not, in our own words."""

import pytest

from feeds.tagging import Tagger


@pytest.fixture(scope="module")
def tagger() -> Tagger:
    return Tagger.load()


@pytest.mark.parametrize(
    ("title", "pillar"),
    [
        ("Hong Kong court holds that bitcoin is property and can be held on trust", "safeguards"),
        ("香港法院裁定加密貨幣屬於財產", "safeguards"),
        ("HKEX tightens listing rules for crypto treasury companies", "access"),
        ("港交所收緊數碼資產財庫公司上市要求", "access"),
        ("HKMA urges banks to let crypto firms open bank accounts", "access"),
        ("Hong Kong court grants injunction over wallets holding stolen crypto", "infrastructure"),
        ("Three in four respondents in Hong Kong have heard of virtual assets", "relationships"),
        (
            "SFC circular to virtual asset platforms on statements by the FATF",
            "infrastructure",
        ),
    ],
)
def test_kinds_of_news_at_the_edges(tagger: Tagger, title: str, pillar: str) -> None:
    """Courts on property, treasury companies, bank accounts, recovery, surveys, world standards."""
    tags = tagger.tag(title, source="SCMP")
    assert (tags.virtual_asset, tags.hong_kong) == (True, True)
    assert pillar in tags.pillars


def test_insurers_that_invest_are_no_insurance_for_clients(tagger: Tagger) -> None:
    """That insurers may hold virtual assets says nothing of cover for clients' assets."""
    invest = tagger.tag("Hong Kong to let insurance companies invest in crypto", source="SCMP")
    assert 4 not in invest.initiatives
    cover = tagger.tag("Hong Kong crypto platforms must buy insurance for client assets")
    assert "safeguards" in cover.pillars
    assert 4 in cover.initiatives


@pytest.mark.parametrize(
    "title",
    [
        "Five arrested as Hong Kong police trace crypto scam money through bank accounts",
        "Customs breaks up laundering ring that moved crypto through bank accounts in Hong Kong",
        "HKEX blocks options on crypto ETF",
    ],
)
def test_sure_rules_are_not_sure_of_their_neighbours(tagger: Tagger, title: str) -> None:
    """Bank accounts of a gang, and products that an exchange refuses, say nothing of entry."""
    assert "access" not in tagger.tag(title).pillars


def test_property_in_another_sense_is_no_protection(tagger: Tagger) -> None:
    """Only where a court or the law is spoken of does property mean what clients own."""
    title = "Hong Kong family sells bitcoin as property prices fall"
    assert "safeguards" not in tagger.tag(title).pillars


def test_sanctions_of_states_are_no_discipline_of_firms(tagger: Tagger) -> None:
    """A sanctions list is enforcement; a fine by a regulator is a matter of safeguards."""
    listed = tagger.tag("Britain sanctions crypto exchanges that launder for Russia")
    assert listed.pillars == ("infrastructure",)
    fined = tagger.tag("SFC fines crypto platform for failures in client checks", source="SFC")
    assert "safeguards" in fined.pillars


@pytest.mark.parametrize(
    ("title", "summary", "source"),
    [
        ("證監會歡迎固定收益及貨幣市場的新措施", "", "證監會 SFC"),
        ("港交所投資迅清 推動貨幣市場發展", "", "香港電台 RTHK"),
        ("上環找換店劫案 警拘三人", "匪徒搶去一袋日圓逃去。", "am730"),
        ("SFC fines broker over client money", "", "SFC"),
    ],
)
def test_words_that_only_look_like_virtual_assets(
    tagger: Tagger, title: str, summary: str, source: str
) -> None:
    """The money market is no market in coins, nor is every shop that changes money."""
    assert not tagger.tag(title, summary, source).virtual_asset


@pytest.mark.parametrize(
    ("title", "summary"),
    [
        (
            "Chinese tech groups drop stablecoin plans after word from Beijing",
            "They had meant to issue coins in Hong Kong under its new licensing regime.",
        ),
        ("紅磡男子買泰達幣遭詐騙", ""),
        ("ICAC charges two over bribes for crypto loans", ""),
    ],
)
def test_hong_kong_without_its_name_in_the_title(tagger: Tagger, title: str, summary: str) -> None:
    """The Mainland in the title leaves room for Hong Kong in the summary; districts name it too."""
    assert tagger.tag(title, summary).hong_kong


def test_macau_is_not_hong_kong(tagger: Tagger) -> None:
    """Words that both special administrative regions have do not make Macau Hong Kong."""
    title = "澳門特區政府澄清：澳門行政長官從未推介加密貨幣"
    assert not tagger.tag(title).hong_kong


def test_reasons_are_words_that_tell_something(tagger: Tagger) -> None:
    """Of the words that counted most, those that only hold a sentence together are not shown."""
    tags = tagger.tag("Hong Kong brokers try out overnight crypto dealing")
    shown = [word.lower() for each in tags.evidence for word in each.words]
    assert "dealing" in shown
    assert "out" not in shown
