"""Other words for commands and for what they take, in all three languages."""

from collections.abc import Mapping

WHEN = {
    "即時": "instant",
    "即时": "instant",
    "每日": "daily",
    "每天": "daily",
    "兩者": "both",
    "两者": "both",
}
SCOPE = {"香港": "hk", "本港": "hk", "各地": "all", "全球": "all"}
SOURCES = {
    "官方": "official",
    "傳媒": "press",
    "媒體": "press",
    "媒体": "press",
    "任何": "any",
    "不限": "any",
}
PERIOD = {
    "今日": "today",
    "今天": "today",
    "昨日": "yesterday",
    "昨天": "yesterday",
    "本週": "week",
    "本周": "week",
    "一週": "week",
    "一周": "week",
}
DAYS = {
    "every day": "everyday",
    "every-day": "everyday",
    "每日": "everyday",
    "每天": "everyday",
    "平日": "weekdays",
    "工作日": "weekdays",
}
LANGUAGES = {
    "english": "en",
    "英文": "en",
    "英語": "en",
    "繁體": "zh-Hant",
    "繁体": "zh-Hant",
    "簡體": "zh-Hans",
    "简体": "zh-Hans",
}
YES_NO = {"是": "yes", "好": "yes", "否": "no", "不": "no"}
UNDO = ("復原", "复原", "還原", "还原", "撤銷", "撤销", "取消")

ALIASES: Mapping[str, str] = {
    "?": "help",
    "search": "news",
    "latest": "news",
    "list": "subscriptions",
    "digest": "summary",
    "chart": "trends",
    "withdraw": "retract",
    "initiatives": "roadmap",
    "pillars": "roadmap",
    "說明": "help",
    "说明": "help",
    "幫助": "help",
    "帮助": "help",
    "路線圖": "roadmap",
    "路线图": "roadmap",
    "支柱": "pillar",
    "措施": "initiative",
    "举措": "initiative",
    "新聞": "news",
    "新闻": "news",
    "消息": "news",
    "搜尋": "news",
    "搜索": "news",
    "訂閱": "subscribe",
    "订阅": "subscribe",
    "退訂": "unsubscribe",
    "退订": "unsubscribe",
    "取消訂閱": "unsubscribe",
    "取消订阅": "unsubscribe",
    "訂閱列表": "subscriptions",
    "订阅列表": "subscriptions",
    "訂閱清單": "subscriptions",
    "标签": "tag",
    "標籤": "tag",
    "摘要": "summary",
    "每日": "daily",
    "趨勢": "trends",
    "趋势": "trends",
    "原因": "why",
    "更正": "retag",
    "撤回": "retract",
    "來源": "feeds",
    "来源": "feeds",
    "設定": "settings",
    "设置": "settings",
    "狀態": "status",
    "状态": "status",
}
"""Other words for a command, in all three languages."""
