"""`why` as people read it: ten items in each language, with reasons in that language."""

import re
from pathlib import Path

import pytest

from feeds import archive_changes
from feeds.tagging import Tagger
from tests.handlers.world import World

TAGGER = Tagger.load()
ENGLISH = (
    ("SFC circular: crypto platforms to keep client assets in cold wallets", "SFC"),
    ("Hong Kong bank adds bitcoin trading for retail clients who pass a risk quiz", "SCMP"),
    ("HKMA and Bank of Thailand link ledgers for tokenised trade payments", "HKMA"),
    ("SFC tells influencers to stop touting an unlicensed crypto exchange", "RTHK"),
    ("Kalomi Exchange withdraws its Hong Kong licence application", "The Block"),
    ("Brokers may lend against bitcoin, with a 60% haircut, SFC says", "CoinDesk"),
    ("Hong Kong's licensed crypto platforms to pool insurance cover", "The Standard"),
    ("Hong Kong tax department opens portal for crypto-asset reporting", "info.gov.hk"),
    ("Ether staking comes to Hong Kong's spot ETFs", "Decrypt"),
    ("France warns of clone sites that pose as licensed crypto firms", "Cointelegraph"),
)
TRADITIONAL = (
    ("證監會通函：虛擬資產交易平台須加強保管客戶資產的冷錢包", "證監會 SFC"),
    ("財庫局建議為虛擬資產場外交易商設立發牌制度", "政府新聞網"),
    ("金管局與泰國央行測試代幣化貿易結算", "香港電台 RTHK"),
    ("警方聯同銀行搗破以泰達幣洗黑錢集團 拘九人", "香港電台 RTHK"),
    ("券商推比特幣孖展 抵押率六成", "信報"),
    ("投委會開講座教市民辨認假加密貨幣平台", "投委會"),
    ("首隻代幣化貨幣基金獲批向零售發售", "明報"),
    ("兩平台獲准共享海外掛盤冊", "星島"),
    ("美國證監會起訴加密貨幣交易所無牌經營", "香港電台 RTHK"),
    ("證監會召開數字資產諮詢小組會議", "證監會 SFC"),
)
SIMPLIFIED = (
    ("香港证监会公布虚拟资产平台申请人名单 供公众查核", "PANews"),
    ("香港稳定币发行人须足额储备 一日内赎回", "新浪财经"),
    ("香港持牌平台获准向散户提供以太坊质押", "吴说"),
    ("香港警方与虚拟资产平台设即时止付热线", "第一财经"),
    ("香港拟准券商以比特币作抵押融资", "财新"),
    ("金管局Ensemble项目试行代币化存款", "PANews"),
    ("网红推广无牌平台被证监会去信警告", "BlockBeats"),
    ("香港金融科技周开幕 官员谈数字资产", "新华"),
    ("韩国拟对交易所失窃设无过失赔偿", "PANews"),
    ("香港首只以太坊现货ETF上市", "金色财经"),
)
CASES = [
    (language, title, source)
    for language, items in (("en", ENGLISH), ("zh-Hant", TRADITIONAL), ("zh-Hans", SIMPLIFIED))
    for title, source in items
]


def reasons(world: World, language: str, title: str, source: str) -> list[str]:
    """The lines of `why` between the title and the footer."""
    tags = TAGGER.tag(title, source=source)
    assert tags.virtual_asset
    assert tags.pillars, title
    item = world.publish(title)
    world.database.write_now(archive_changes.set_tags, item, tags)
    world.ask(f"settings language {language}")
    return world.text(f"why {item}").splitlines()[1:-1]


@pytest.mark.parametrize(("language", "title", "source"), CASES)
def test_why_reads_well(tmp_path: Path, language: str, title: str, source: str) -> None:
    """Every tag has a line with a reason in the asker's language, and quotes the item's words."""
    world = World(tmp_path / "aspire.db")
    lines = reasons(world, language, title, source)
    world.close()
    assert len(lines) >= 2
    for line in lines:
        assert not re.search(r"[a-z]+-[a-z]+-[a-z]+|weighed|\{|\}", line), line  # a bare name
        told = re.sub(r"[「“].*?[」”]", "", line)
        if language == "en":
            assert told.isascii() or "’" in told, line
        else:
            assert not re.search(r"[a-z]{3,} [a-z]{2,}", told.replace("Ensemble", "")), line
        for quoted in re.findall(r"[「“](.*?)[」”]", line):
            assert quoted in title or line.startswith(quoted), line  # or the pillar that it is for
