"""What the tagger must say of news in our own words: each pillar, initiative and trap."""

from dataclasses import dataclass

import pytest

from feeds.items import Tags
from feeds.tagging import Tagger

LETTERS = {
    "A": "access",
    "S": "safeguards",
    "P": "products",
    "I": "infrastructure",
    "R": "relationships",
}


@pytest.fixture(scope="module")
def tagger() -> Tagger:
    return Tagger.load()


@dataclass(frozen=True)
class News:
    """A title with what must be said of it: letters of pillars, numbers of initiatives."""

    title: str
    pillars: str = ""
    initiatives: tuple[int, ...] = ()
    source: str = ""
    summary: str = ""


def letters(tags: Tags) -> str:
    """The pillars as letters, in the roadmap's order."""
    return "".join(letter for letter, name in LETTERS.items() if name in tags.pillars)


def told(tagger: Tagger, news: News) -> Tags:
    return tagger.tag(news.title, news.summary, news.source)


HONG_KONG = [
    # Access
    News("SFC grants a trading platform licence to a sixth virtual asset exchange", "A", (2,)),
    News("證監會向第六間虛擬資產交易平台發牌", "A", (2,)),
    News("香港证监会向第六家虚拟资产交易平台发放牌照", "A", (2,)),
    News("Bill to license virtual asset dealers and custodians goes to LegCo", "A", (1,)),
    News("財庫局建議為虛擬資產場外交易商設立發牌制度", "A", (1,)),
    News("香港就虚拟资产场外交易发牌制度展开咨询", "A", (1,)),
    News("Licensed platforms in Hong Kong may share a global crypto order book", "A", (2,)),
    News("證監會准許持牌虛擬資產交易平台接入海外掛盤冊", "A", (2,)),
    News("Kraken applies to the SFC to open a crypto exchange in Hong Kong", "A", (2,)),
    News("金管局批出第三個穩定幣發行人牌照", "A"),
    # Safeguards
    News("SFC circular: crypto platforms to keep client assets in cold wallets", "S", (3,)),
    News("證監會通函：虛擬資產交易平台須加強保管客戶資產的冷錢包", "S", (3,)),
    News("香港证监会发布虚拟资产客户资产托管标准", "S", (3,)),
    News("Hong Kong exchanges for crypto to pay into a compensation fund", "S", (4,)),
    News("虛擬資產平台須為客戶資產購買保險", "S", (4,), source="明報"),
    News("SFC circular on suitability checks when selling virtual asset products", "S", (5,)),
    News("Hackers drain hot wallet of a Hong Kong crypto exchange", "S"),
    News("SFC tells virtual asset service providers to tighten anti-money laundering checks", "S"),
    # Products
    News("Hong Kong's first XRP spot ETF starts trading", "P"),
    News("本港首隻以太幣現貨ETF今日掛牌", "P", source="香港電台 RTHK"),
    News("香港首只代币化黄金基金获批", "P"),
    News("SFC publishes framework for perpetual contracts in bitcoin for professionals", "P", (6,)),
    News("持牌平台可向專業投資者推出比特幣永續合約", "P", (6,), source="信報"),
    News("Brokers in Hong Kong start margin financing against bitcoin collateral", "P", (7,)),
    News("證監會容許券商為虛擬資產客戶提供孖展融資", "P", (7,)),
    News("HashKey lets customers stake ether", "P", (8,)),
    News("香港虚拟资产ETF获准提供质押", "P", (8,)),
    News("Government sells tokenised green bonds for a fourth time", "P", source="info.gov.hk"),
    # Infrastructure
    News("Hong Kong bill brings in the Crypto-Asset Reporting Framework", "I", (9,)),
    News("本港擬實施加密資產申報框架", "I", (9,)),
    News("SFC and police set up a working group on virtual asset fraud", "I", (10,)),
    News("香港金管局与泰国央行就数字货币签署谅解备忘录", "I", (10,)),
    News("HKMA moves Project Ensemble to tokenised deposits between banks", "I"),
    News("金管局推出數碼港元先導計劃", "I"),
    News("警方搗破利用泰達幣洗黑錢的集團", "I", source="香港電台 RTHK"),
    # Relationships
    News("SFC warns the public of a suspicious virtual asset trading platform", "R"),
    News("證監會提醒投資者提防可疑虛擬資產交易平台", "R"),
    News("香港证监会警告公众提防虚假加密货币平台", "R"),
    News("Hong Kong regulators eye finfluencers who tout crypto", "R", (11,)),
    News("證監會：網紅推廣虛擬資產平台或須持牌", "R", (11,)),
    News("Speech by the Secretary at a digital asset conference", "R", (12,), source="info.gov.hk"),
    News("科大開辦虛擬資產人才培訓課程", "R", (12,), source="明報"),
    News("香港举办Web3峰会吸引数字资产人才", "R", (12,)),
]


@pytest.mark.parametrize("news", HONG_KONG, ids=lambda news: news.title)
def test_hong_kong_news_gets_its_pillar_and_initiative(tagger: Tagger, news: News) -> None:
    """News of each pillar and initiative is heard in English and in both Chinese scripts."""
    tags = told(tagger, news)
    assert (tags.virtual_asset, tags.hong_kong) == (True, True)
    assert set(news.pillars) <= set(letters(tags))
    assert set(news.initiatives) <= set(tags.initiatives)


@pytest.mark.parametrize(
    "title",
    [
        "SFC sets out its A-S-P-I-Re roadmap for virtual assets",
        "What ASPIRe means for Hong Kong crypto firms",
        "證監會公布「ASPIRe」虛擬資產路線圖",
        "香港证监会发布ASPIRe路线图，覆盖虚拟资产市场",
    ],
)
def test_the_roadmap_as_a_whole_is_all_pillars(tagger: Tagger, title: str) -> None:
    """An item on the roadmap belongs to all five pillars and all twelve initiatives."""
    tags = tagger.tag(title)
    assert letters(tags) == "ASPIR"
    assert tags.initiatives == tuple(range(1, 13))


NOT_VIRTUAL_ASSETS = [
    # a firm that deals in crypto, in the news for something else
    News("SFC fines Victory Securities for weak controls over share placings", source="SFC"),
    News("富途證券因開戶程序缺失被證監會譴責", source="香港電台 RTHK"),
    # general finance in the same words
    News("SFC consults on custody rules for authorised funds", source="SFC"),
    News("HKEX to widen margin requirements for stock index futures"),
    News("Exchange-traded derivatives: HKMA and SFC revise licence fees", source="HKMA"),
    News("證監會就股票孖展融資及衍生工具發出指引", source="證監會 SFC"),
    News("金管局延長債券通做市商安排", source="香港電台 RTHK"),
    News("Bond Connect celebrates a record year", source="HKMA"),
    News("Foreign exchange reserves and the Exchange Fund at month end", source="HKMA"),
    # the same words in another sense
    News("Bank hands out umbrellas as a token of appreciation to elderly customers", source="HKMA"),
    News("Ether anaesthetic recalled from Hong Kong hospitals", source="info.gov.hk"),
    News("Banks to drop security token devices for online login", source="HKMA"),
    News("Coin carts return to collect coins in Hong Kong", source="info.gov.hk"),
    News("Hong Kong supply chain firms mine data for trade finance"),
    News("即時通訊軟件採用端對端加密技術", source="香港電台 RTHK"),
    News("A string ensemble plays at the HKMA's gala dinner", source="HKMA"),
    # scam alerts that are about banks
    News("Scam alert: phishing messages in the name of a bank", source="HKMA"),
    News("金管局提醒市民留意假冒銀行網站", source="香港電台 RTHK"),
    # puns and programs
    News("Microsoft ships a new release of .NET Aspire with a better dashboard"),
    News("Young bankers aspire to lead, survey by the HKMA finds", source="HKMA"),
    News("Fruitful aspirations: ten years of a Hong Kong law firm"),
    News("網紅推介保險產品涉違規", source="明報"),
]


@pytest.mark.parametrize("news", NOT_VIRTUAL_ASSETS, ids=lambda news: news.title)
def test_general_finance_and_puns_are_not_virtual_assets(tagger: Tagger, news: News) -> None:
    """The words of the market in another sense, or its firms in other news, get no tag."""
    tags = told(tagger, news)
    assert not tags.virtual_asset
    assert (tags.pillars, tags.initiatives) == ((), ())


ELSEWHERE = [
    News("MAS licenses two more crypto exchanges in Singapore", "A"),
    News("Dubai's VARA fines a crypto exchange over anti-money laundering failures", "S"),
    News("美國證監會批准首隻狗狗幣ETF", "P", source="香港電台 RTHK"),
    News("新加坡金管局就穩定幣發牌制度諮詢", "A", source="香港電台 RTHK"),
    News("韓國警方凍結黑客盜走的比特幣", "S", source="香港電台 RTHK"),
    News("European Central Bank picks partners for the digital euro", "I"),
    News("Bitcoin futures volume in Chicago hits a new peak", "P"),
    News(
        "Singapore leads Asia in stablecoin rules",
        "A",
        summary="Speakers at Consensus Hong Kong said that the region moves fast.",
    ),
]


@pytest.mark.parametrize("news", ELSEWHERE, ids=lambda news: news.title)
def test_news_of_other_places_is_not_hong_kong(tagger: Tagger, news: News) -> None:
    """Other places' news keeps its pillars and gets neither Hong Kong nor initiatives.

    A Hong Kong paper carries the world's news; a passing mention of Hong Kong is not enough.
    """
    tags = told(tagger, news)
    assert (tags.virtual_asset, tags.hong_kong, tags.initiatives) == (True, False, ())
    assert set(news.pillars) <= set(letters(tags))


@pytest.mark.parametrize(
    ("title", "source"),
    [
        ("Staking of virtual assets by licensed platforms", "SFC"),
        ("Cryptoasset exposures: return templates", "HKMA"),
        ("虛擬資產交易平台名單更新", "證監會 SFC"),
        ("Third question: stablecoin regulation", "info.gov.hk"),
    ],
)
def test_an_authority_s_own_releases_are_hong_kong(tagger: Tagger, title: str, source: str) -> None:
    """What Hong Kong's authorities publish is about Hong Kong though it does not say so."""
    assert tagger.tag(title, source=source).hong_kong
    assert not tagger.tag(title, source="Some Crypto Paper").hong_kong


def test_a_feed_about_hong_kong_makes_its_items_hong_kong(tagger: Tagger) -> None:
    """Where the configuration says that a feed is all about Hong Kong, its items are."""
    title = "Three platforms may now list new crypto tokens for professionals"
    assert tagger.tag(title, hong_kong=True).hong_kong
    assert not tagger.tag(title).hong_kong


def test_local_news_in_a_hong_kong_paper_is_hong_kong(tagger: Tagger) -> None:
    """A Hong Kong paper that names no other place means home; a world price does not."""
    assert tagger.tag("虛擬資產平台下月起可服務散戶", source="香港電台 RTHK").hong_kong
    assert not tagger.tag("比特幣跌穿8萬美元", source="香港電台 RTHK").hong_kong


@pytest.mark.parametrize(
    "title",
    [
        "Crypto platform Xyz is not licensed by the SFC, the regulator warns",
        "SFC alerts investors: trading app for virtual assets never held a licence",
        "證監會警告：該虛擬資產平台並未獲發牌",
        "香港证监会提醒公众：该加密货币平台无牌经营",
    ],
)
def test_not_licensed_is_a_warning_and_not_a_licence(tagger: Tagger, title: str) -> None:
    """A negated licence speaks to the public; it opens no market."""
    tags = tagger.tag(title)
    assert "relationships" in tags.pillars
    assert "access" not in tags.pillars


def test_licensed_as_an_attribute_is_no_access(tagger: Tagger) -> None:
    """That a platform is licensed says nothing of licences being given."""
    tags = tagger.tag("Licensed virtual asset trading platforms may offer staking", source="SFC")
    assert tags.pillars == ("products",)


ADDRESSEES = "Circular to licensed corporations and SFC-licensed virtual asset service providers"


@pytest.mark.parametrize(
    ("title", "pillar"),
    [
        (f"{ADDRESSEES} Login methods that withstand phishing", "safeguards"),
        (f"{ADDRESSEES} Statements by the FATF", "infrastructure"),
        ("致持牌法團及獲證監會發牌的虛擬資產服務提供者的通函 加強網絡安全", "safeguards"),
        ("致持牌法团及获证监会发牌的虚拟资产服务提供者的通函 打击洗钱", "safeguards"),
    ],
)
def test_general_circulars_that_name_service_providers_count(
    tagger: Tagger, title: str, pillar: str
) -> None:
    """A general release addressed to virtual asset service providers is virtual-asset news."""
    tags = tagger.tag(title, source="SFC")
    assert (tags.virtual_asset, tags.hong_kong) == (True, True)
    assert pillar in tags.pillars


@pytest.mark.parametrize(
    "title",
    [
        "Bitcoin slides below a round number as traders take profit in Hong Kong",
        "HashKey shares sink on their first day of trading",
        "OSL股價急升一成",
        "HashKey上半年收入大增 虧損收窄",
    ],
)
def test_prices_and_results_have_no_pillar(tagger: Tagger, title: str) -> None:
    """Stories of prices, shares and results touch no pillar."""
    tags = tagger.tag(title, source="CoinDesk")
    assert tags.virtual_asset
    assert tags.pillars == ()


def test_a_summary_speaks_where_the_title_is_silent(tagger: Tagger) -> None:
    """A title that names nothing is judged by its summary."""
    summary = "The SFC granted a licence to a virtual asset trading platform in Hong Kong."
    assert tagger.tag("One more for the list", summary).pillars == ("access",)


def test_a_passing_word_in_the_summary_adds_no_pillar(tagger: Tagger) -> None:
    """Once the title speaks for a pillar, one word of the summary does not add another."""
    title = "Hong Kong crypto exchange hacked"
    summary = "The platform, which applied for a licence last year, lost two million."
    assert tagger.tag(title, summary).pillars == ("safeguards",)


def test_the_roadmap_named_in_passing_adds_no_pillar(tagger: Tagger) -> None:
    """A release that calls itself a step of the roadmap is about its own measure only."""
    title = "證監會加強虛擬資產交易平台的託管標準"
    summary = "通函是「ASPIRe」路線圖下的一步，列明錢包及私鑰的管理要求。"
    assert letters(tagger.tag(title, summary, "證監會 SFC")) == "S"
    whole = "The ASPIRe roadmap: five pillars for Hong Kong's virtual asset market"
    assert letters(tagger.tag(whole, source="SFC")) == "ASPIR"


def test_crime_with_hands_says_nothing_of_the_market(tagger: Tagger) -> None:
    """Robbery and the like are local news, and touch no pillar."""
    for title in (
        "Robbers take a bag of cash from a crypto shop in Mong Kok",
        "虛幣買家被劫三百萬 警追緝四匪",
    ):
        tags = tagger.tag(title, source="RTHK")
        assert (tags.virtual_asset, tags.hong_kong, tags.pillars) == (True, True, ())


def test_platforms_and_order_books_need_no_name_of_an_asset(tagger: Tagger) -> None:
    """In Hong Kong a licensed platform and a shared order book are the virtual-asset market's."""
    for title in ("SFC grants two more platform licences", "證監會准持牌平台接入海外掛盤冊"):
        assert tagger.tag(title, source="SFC").virtual_asset
    for title in (
        "SFC warns of an unlicensed forex platform",
        "Government opens a platform for used cars",
        "Arcade tokens to be phased out in Hong Kong",
        "Bank issues perpetual bonds in Hong Kong",
    ):
        assert not tagger.tag(title, source="SFC").virtual_asset, title


def test_evidence_names_words_and_rule(tagger: Tagger) -> None:
    """Each tag comes with the words as they stand and with a rule that people can read."""
    tags = tagger.tag("HKMA’s Project　Ensemble: ＴＯＫＥＮＩＳＥＤ deposits", source="HKMA")
    spoken = [each for each in tags.evidence if each.topic == "infrastructure"]
    assert "Project　Ensemble" in {word for each in spoken for word in each.words}
    for each in tags.evidence:
        for language in ("en", "zh-Hant", "zh-Hans"):
            assert tagger.describe(each.rule, language) not in ("", each.rule)


def test_every_tag_has_evidence(tagger: Tagger) -> None:
    """Nothing is tagged without saying why, whether by rules or by weights."""
    for news in (*HONG_KONG, *ELSEWHERE):
        tags = told(tagger, news)
        topics = {each.topic for each in tags.evidence}
        given = {"virtual_asset", *tags.pillars, *map(str, tags.initiatives)}
        given |= {"hong_kong"} if tags.hong_kong else set()
        assert given == topics, news.title


def test_a_rule_of_another_lexicon_is_described_by_its_name(tagger: Tagger) -> None:
    """Archived evidence may name a rule that is gone; it is then shown as it is."""
    assert tagger.describe("gone-rule", "en") == "gone-rule"
