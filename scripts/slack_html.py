"""Block Kit as HTML, close enough to Slack to see how a card looks. For maintainers."""

from collections.abc import Callable
from html import escape
from typing import Any

Json = dict[str, Any]

STYLE = """
*{box-sizing:border-box}
body{margin:0;padding:16px;background:#fff;color:#1d1c1d;width:var(--w);
font:15px/1.46668 Lato,"Noto Sans CJK HK","Noto Color Emoji",sans-serif}
.msg{display:flex;gap:8px}.ava{flex:none;width:36px;height:36px;border-radius:8px;background:#12355b;
color:#fff;font-weight:900;display:grid;place-items:center}
.who b{font-weight:900}.who i{font-style:normal;font-size:11px;background:#e8e8e8;border-radius:2px;
padding:1px 3px;color:#616061;margin:0 4px}.who time,.eph{font-size:12px;color:#616061}
.eph{margin-bottom:4px}
h3{font-size:18px;line-height:1.33;font-weight:900;margin:4px 0 4px}
.rt{margin:4px 0;white-space:pre-wrap}.rt ul{margin:0;padding-left:26px}.rt li{margin:2px 0}
.q{border-left:4px solid #ddd;padding-left:12px}
a{color:#1264a3;text-decoration:none}
.ctx{display:flex;flex-wrap:wrap;gap:4px 10px;font-size:12.5px;color:#616061;margin:6px 0}
.act{display:flex;flex-wrap:wrap;gap:8px;margin:8px 0}
.btn{border:1px solid #bbb;border-radius:8px;padding:4px 12px;font-weight:700;font-size:14px}
.primary{background:#007a5a;color:#fff;border-color:#007a5a}.danger{background:#e01e5a;color:#fff}
.sel{border:1px solid #bbb;border-radius:8px;padding:4px 30px 4px 12px;color:#616061;
position:relative}
.sel::after{content:"▾";position:absolute;right:10px}
.wide{display:block;width:100%;margin-top:4px;min-height:36px}
.tok{background:#e8f5fa;border-radius:4px;padding:1px 6px;margin-right:4px;color:#1d1c1d}
.sec{display:flex;justify-content:space-between;gap:12px;align-items:center;margin:6px 0}
hr{border:0;border-top:1px solid #e0e0e0;margin:12px 0}
.modal{border:1px solid #ccc;border-radius:10px;overflow:hidden;box-shadow:0 8px 24px #0002}
.modal header{padding:16px 20px;font-size:20px;font-weight:900;border-bottom:1px solid #eee}
.modal main{padding:8px 20px 16px}.modal footer{padding:14px 20px;border-top:1px solid #eee;
display:flex;justify-content:flex-end;gap:10px}
label{display:block;font-weight:700;margin-top:14px}label small{font-weight:400;color:#616061}
.hint{font-size:13px;color:#616061}.pick{display:block;margin-top:4px}
"""


def page(body: str, width: int) -> str:
    return (
        f'<!doctype html><meta charset="utf-8"><style>:root{{--w:{width}px}}{STYLE}</style>{body}'
        "<script>document.title=document.documentElement.scrollHeight</script>"
    )


def message(blocks: list[Json], *, private: bool) -> str:
    """A message as a channel shows it, with the app's name beside it."""
    eph = '<div class="eph">👁 Only visible to you</div>' if private else ""
    who = '<div class="who"><b>ASPIRe</b><i>APP</i><time>9:00 AM</time></div>'
    inside = "".join(block(one) for one in blocks)
    return f'<div class="msg"><div class="ava">A</div><div>{eph}{who}{inside}</div></div>'


def modal(view: Json) -> str:
    inside = "".join(block(one) for one in view["blocks"])
    buttons = f'<span class="btn">{text(view["close"])}</span>'
    if "submit" in view:
        buttons += f'<span class="btn primary">{text(view["submit"])}</span>'
    return (
        f'<div class="modal"><header>{text(view["title"])}</header><main>{inside}</main>'
        f"<footer>{buttons}</footer></div>"
    )


def home(view: Json) -> str:
    return "".join(block(one) for one in view["blocks"])


def text(given: Json) -> str:
    """A text object; of mrkdwn only the dates that the adapter writes."""
    words = given["text"]
    if given["type"] == "mrkdwn" and words.startswith("<!date^"):
        words = words.rpartition("|")[2].rstrip(">")
    return escape(words)


def block(given: Json) -> str:
    return BLOCKS[given["type"]](given)


def context(given: Json) -> str:
    parts = "".join(f"<span>{text(one)}</span>" for one in given["elements"])
    return f'<div class="ctx">{parts}</div>'


def section(given: Json) -> str:
    beside = element(given["accessory"]) if "accessory" in given else ""
    return f'<div class="sec"><span>{text(given["text"])}</span>{beside}</div>'


def actions(given: Json) -> str:
    return f'<div class="act">{"".join(element(one) for one in given["elements"])}</div>'


def rich_text(given: Json) -> str:
    return f'<div class="rt">{"".join(rich(part) for part in given["elements"])}</div>'


def rich(part: Json) -> str:
    if part["type"] == "rich_text_list":
        items = "".join(f"<li>{flow(item['elements'])}</li>" for item in part["elements"])
        return f"<ul>{items}</ul>"
    mark = ' class="q"' if part["type"] == "rich_text_quote" else ""
    return f"<div{mark}>{flow(part['elements'])}</div>"


def flow(elements: list[Json]) -> str:
    return "".join(piece(one) for one in elements)


def piece(given: Json) -> str:
    words = escape(str(given.get("text") or given.get("fallback") or given.get("user_id") or ""))
    if given["type"] == "link":
        words = f"<a>{words}</a>"
    style = given.get("style", {})
    if style.get("bold"):
        words = f"<b>{words}</b>"
    return f"<em>{words}</em>" if style.get("italic") else words


def element(given: Json) -> str:
    if given["type"] == "button":
        return f'<span class="btn {given.get("style", "")}">{text(given["text"])}</span>'
    return f'<span class="sel">{text(given["placeholder"])}</span>'


def question(given: Json) -> str:
    asked = given["element"]
    optional = " <small>(optional)</small>" if given["optional"] else ""
    hint = f'<div class="hint">{text(given["hint"])}</div>' if "hint" in given else ""
    return f"<label>{text(given['label'])}{optional}</label>{answer(asked)}{hint}"


def answer(asked: Json) -> str:
    kind = asked["type"]
    chosen = asked.get("initial_options") or [asked.get("initial_option")]
    if kind in {"radio_buttons", "checkboxes"}:
        on, off = ("◉", "○") if kind == "radio_buttons" else ("☑", "☐")
        return "".join(
            f'<span class="pick">{on if option in chosen else off} {text(option["text"])}</span>'
            for option in asked["options"]
        )
    tokens = "".join(f'<span class="tok">{text(o["text"])}</span>' for o in chosen if o)
    words = escape(asked.get("initial_value", ""))
    return f'<span class="{"sel" if "select" in kind else "btn"} wide">{tokens or words}</span>'


BLOCKS: dict[str, Callable[[Json], str]] = {
    "header": lambda given: f"<h3>{text(given['text'])}</h3>",
    "divider": lambda _: "<hr>",
    "context": context,
    "actions": actions,
    "section": section,
    "input": question,
    "rich_text": rich_text,
}
