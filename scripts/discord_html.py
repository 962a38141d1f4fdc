"""Discord's messages and modals as HTML, close enough to see how a card looks. For maintainers."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from html import escape
from typing import Any

from scripts.discord_markdown import Node, parse

Json = dict[str, Any]
HONG_KONG = timezone(timedelta(hours=8))
STYLES = {1: "blurple", 2: "grey", 3: "green", 4: "red", 5: "grey"}

STYLE = """
*{box-sizing:border-box}
body{margin:0;padding:16px;background:#313338;color:#dbdee1;width:var(--w);
font:16px/1.375 "gg sans","Noto Sans",Lato,"DejaVu Sans","Noto Sans CJK HK","Noto Color Emoji",
sans-serif}
.msg{display:flex;gap:16px}.ava{flex:none;width:40px;height:40px;border-radius:50%;
background:#12355b;color:#fff;font-weight:700;display:grid;place-items:center}
.who b{color:#f2f3f5;font-weight:500}.who i{font-style:normal;font-size:10px;font-weight:600;
background:#5865f2;color:#fff;border-radius:3px;padding:1px 5px;margin:0 6px;vertical-align:1px}
.who time,.eph{font-size:12px;color:#949ba4}.eph{margin-top:6px}.eph a{color:#00a8fc}
.embed{margin-top:4px;background:#2b2d31;border-left:4px solid;border-radius:4px;
padding:8px 16px 14px 12px;max-width:520px;font-size:14px;line-height:1.3}
.title{font-size:16px;font-weight:600;margin-top:8px;color:#f2f3f5}a{color:#00a8fc}
.desc{margin-top:8px}.desc>div{min-height:4px}h3{font-size:16px;margin:12px 0 2px;color:#f2f3f5}
.small{font-size:12px;color:#949ba4}.li{padding-left:18px;position:relative;margin-top:3px}
.li::before{content:"•";position:absolute;left:6px}.quote{border-left:4px solid #4e5058;
padding-left:10px}.foot{font-size:12px;margin-top:8px;color:#dbdee1}
time.t{background:#ffffff0f;border-radius:3px;padding:0 2px}
.ping{background:#5865f24d;color:#c9cdfb;border-radius:3px;padding:0 2px}
.row{display:flex;flex-wrap:wrap;gap:8px;margin-top:8px}
.btn{border-radius:8px;padding:5px 14px;font-size:14px;font-weight:500;color:#fff}
.grey{background:#4e5058}.blurple{background:#5865f2}.green{background:#248046}.red{background:#da373c}
.modal{background:#242429;border-radius:8px;padding:20px 24px;color:#dbdee1}
.modal h2{margin:0 0 12px;font-size:20px;color:#f2f3f5}label{display:block;margin-top:14px;
font-weight:500;color:#f2f3f5}label em{color:#f23f42;font-style:normal}.hint{font-size:13px;
color:#949ba4}.in{background:#1e1f22;border-radius:6px;padding:9px 12px;margin-top:6px;
min-height:40px;font-size:15px;color:#dbdee1}.in.sel::after{content:"▾";float:right;color:#949ba4}
.tok{background:#4e5058;border-radius:4px;padding:1px 7px;margin-right:5px;font-size:14px}
.end{display:flex;justify-content:flex-end;gap:10px;margin-top:20px}
"""


def page(body: str, width: int) -> str:
    return (
        f'<!doctype html><meta charset="utf-8"><style>:root{{--w:{width}px}}{STYLE}</style>{body}'
        "<script>document.title=document.documentElement.scrollHeight</script>"
    )


def message(sent: Json, *, private: bool) -> str:
    """A message as a channel shows it."""
    who = '<div class="who"><b>ASPIRe</b><i>APP</i><time>Today at 09:00</time></div>'
    parts = [who, lines(sent.get("content") or "")]
    parts += [embed(one) for one in sent["embeds"]]
    parts += [row(one) for one in sent["components"]]
    if private:
        parts.append('<div class="eph">👁 Only you can see this · <a>Dismiss message</a></div>')
    return f'<div class="msg"><div class="ava">A</div><div>{"".join(parts)}</div></div>'


def embed(given: Json) -> str:
    title = lines(given.get("title", ""))
    if given.get("url"):
        title = f"<a>{title}</a>"
    footer = escape((given.get("footer") or {}).get("text") or "")
    if given.get("timestamp"):
        when = datetime.fromisoformat(given["timestamp"]).astimezone(HONG_KONG)
        footer = " · ".join(filter(None, [footer, f"{when:%d/%m/%Y %H:%M}"]))
    return (
        f'<div class="embed" style="border-color:#{given.get("color", 0):06x}">'
        f'<div class="title">{title}</div>'
        f'<div class="desc">{lines(given.get("description", ""))}</div>'
        f'<div class="foot">{footer}</div></div>'
    )


def row(given: Json) -> str:
    buttons = [
        f'<span class="btn {STYLES[one["style"]]}">{escape(one["label"])}</span>'
        for one in given["components"]
    ]
    return f'<div class="row">{"".join(buttons)}</div>'


def modal(given: Json) -> str:
    fields = "".join(field(one) for one in given["components"])
    end = '<div class="end"><span class="btn grey">Cancel</span>'
    end += '<span class="btn blurple">Submit</span></div>'
    return f'<div class="modal"><h2>{escape(given["title"])}</h2>{fields}{end}</div>'


def field(label: Json) -> str:
    inner = label["component"]
    star = " <em>*</em>" if inner.get("required", True) else ""
    hint = (
        f'<div class="hint">{escape(label["description"])}</div>' if "description" in label else ""
    )
    if "options" in inner:
        chosen = [one["label"] for one in inner["options"] if one.get("default")]
        tokens = "".join(f'<span class="tok">{escape(one)}</span>' for one in chosen)
        body = f'<div class="in sel">{tokens or "Make a selection"}</div>'
    else:
        body = f'<div class="in">{escape(inner.get("value") or "")}</div>'
    return f"<label>{escape(label['label'])}{star}</label>{hint}{body}"


def lines(text: str) -> str:
    return "".join(node(one) for one in parse(text)) if text else ""


def node(given: Node) -> str:
    inside = escape(given.text) + "".join(node(one) for one in given.inner)
    return DRAWN.get(given.kind, _span)(given, inside)


def _span(_given: Node, inside: str) -> str:
    return f"<span>{inside}</span>"


def _block(name: str) -> Callable[[Node, str], str]:
    return lambda _given, inside: f'<div class="{name}">{inside}</div>'


def _time(given: Node, _inside: str) -> str:
    when = datetime.fromtimestamp(int(given.text), UTC).astimezone(HONG_KONG)
    return f'<time class="t">{when.day} {when:%B %Y %H:%M}</time>'


DRAWN: dict[str, Callable[[Node, str], str]] = {
    "text": lambda _given, inside: inside,
    "line": _block("line"),
    "heading": lambda _given, inside: f"<h3>{inside}</h3>",
    "small": _block("small"),
    "quote": _block("quote"),
    "bullet": _block("li"),
    "strong": lambda _given, inside: f"<b>{inside}</b>",
    "link": lambda _given, inside: f"<a>{inside}</a>",
    "mention": lambda _given, inside: f'<span class="ping">{inside}</span>',
    "time": _time,
}
