"""The console on a real terminal: prompt, history, completion, forms, Ctrl-C, posts above."""

import signal
from pathlib import Path

from tests.adapters.console.desk import ALERT
from tests.adapters.console.terminal import PROMPT, terminal


def test_a_post_arrives_while_somebody_types(tmp_path: Path) -> None:
    """A card is printed above the prompt, and what was half typed is still there to finish."""
    with terminal(tmp_path) as console:
        console.until(PROMPT)
        console.type("why 保障 hal")
        console.until("why 保障 hal")
        console.signal(signal.SIGUSR1)
        console.until("#compliance  2026-07-09 18:05 HKT")
        console.until(ALERT.title)
        console.ask("f", "You asked: why 保障 half")
        console.leave()
        assert console.asked() == [("general", "why 保障 half", {})]


def test_hostile_posts_command_nothing(tmp_path: Path) -> None:
    """Escapes in a post reach the terminal as letters: no title, no cleared or swapped screen."""
    with terminal(tmp_path) as console:
        console.until(PROMPT)
        console.signal(signal.SIGUSR2)
        console.until("not markup")
        console.until(PROMPT)
        console.type("/quit\r")
        assert console.ended() == 0
        for forbidden in (b"\x1b]0;", b"\x1b[?1049h", b"\x1b[5m", b"\xc2\x9b", b"\xe2\x80\xae"):
            assert forbidden not in console.raw


def test_ctrl_c_clears_and_twice_leaves(tmp_path: Path) -> None:
    """Ctrl-C clears what is typed; at an empty prompt it asks to be pressed again, then leaves."""
    with terminal(tmp_path) as console:
        console.until(PROMPT)
        console.ask("nonsense\x03why 1", "You asked: why 1")
        console.type("\x03")
        console.until("Press Ctrl-C again to leave")
        console.ask("why 2", "You asked: why 2")
        console.type("\x03\x03")
        assert console.ended() == 0
        assert [text for _, text, _ in console.asked()] == ["why 1", "why 2"]


def test_history_is_kept_for_its_owner(tmp_path: Path) -> None:
    """Lines are kept in the file that was given, readable by nobody else, and come back."""
    with terminal(tmp_path) as console:
        console.until(PROMPT)
        console.ask("why 7", "You asked: why 7")
        console.leave()
    with terminal(tmp_path) as console:
        console.until(PROMPT)
        console.type("w")
        console.until("hy 7")  # suggested: the lines of last time are there
        console.type("\x1b[C")
        console.ask("", "You asked: why 7")
        console.leave()
    assert (tmp_path / "history").stat().st_mode & 0o777 == 0o600


def test_history_that_cannot_be_kept(tmp_path: Path) -> None:
    """A history file that cannot be written is a sentence, and the console works without it."""
    (tmp_path / "history").mkdir()
    with terminal(tmp_path) as console:
        console.until("is not kept for the next time")
        console.ask("why 1", "You asked: why 1")


def test_tab_completes_from_table_and_core(tmp_path: Path) -> None:
    """Tab finishes a command's name and then a value that only the core knows."""
    with terminal(tmp_path) as console:
        console.until(PROMPT)
        console.type("pil")
        console.until("One pillar")
        console.type("\t infra")
        console.until("Infrastructure")
        console.ask("\t", "Optimise compliance")
        console.leave()
        assert console.asked() == [("general", "pillar infrastructure", {})]


def test_a_form_is_asked_field_by_field(tmp_path: Path) -> None:
    """Each question in turn, Enter keeps what is chosen, and all answers are sent at once."""
    with terminal(tmp_path) as console:
        console.until(PROMPT)
        console.type("subscribe\r")
        console.until("Topics › ")
        console.type("1 products\r")
        console.until("When › ")
        console.type("\r")
        console.until("Only with these words › ")
        console.type("staking\r")
        console.until("Kit subscribed this channel to access products.")
        console.until(PROMPT)
        console.leave()
        answers = {"scope": "hk", "topics": "access products", "when": "instant", "with": "staking"}
        assert console.asked()[1:] == [("general", "", answers)]


def test_a_form_can_be_left(tmp_path: Path) -> None:
    """Ctrl-C in a form says that nothing was changed, and sends nothing."""
    with terminal(tmp_path) as console:
        console.until(PROMPT)
        console.type("subscribe\r")
        console.until("Topics › ")
        console.type("1\x03")
        console.until("Stopped; nothing was changed.")
        console.until(PROMPT)
        console.leave()
        assert len(console.asked()) == 1


def test_a_slow_answer_says_so_and_can_be_left(tmp_path: Path) -> None:
    """After a second the person is told; posts still arrive; Ctrl-C stops waiting, not the bot."""
    with terminal(tmp_path) as console:
        console.until(PROMPT)
        console.type("feeds test https://example.org/\r")
        console.until("Still working on it")
        console.signal(signal.SIGUSR1)
        console.until(ALERT.title)
        console.type("\x03")
        console.until("Stopped waiting for the answer.")
        console.until(PROMPT)
        console.ask("why 1", "You asked: why 1")
        console.leave()


def test_a_pasted_line_of_ten_thousand_characters(tmp_path: Path) -> None:
    """A long paste is asked whole; several pasted lines are asked one after another."""
    long = "tag " + "虛擬資產 staking " * 800
    with terminal(tmp_path) as console:
        console.until(PROMPT)
        console.paste(long)
        console.ask("", "Not understood")
        console.paste("why 1\nwhy 2")
        console.ask("", "You asked: why 2")
        console.leave()
        assert [text for _, text, _ in console.asked()] == [long.strip(), "why 1", "why 2"]
        assert len(long) > 10_000


def test_the_terminal_is_given_back(tmp_path: Path) -> None:
    """However the console ends, the terminal's own settings are as they were."""
    with terminal(tmp_path) as console:
        before = console.settings()
        console.until(PROMPT)
        assert console.settings() != before
        console.signal(signal.SIGTERM)
        console.ended()
        assert console.settings() == before


def test_a_terminal_that_can_only_print(tmp_path: Path) -> None:
    """On a dumb terminal there is a plain prompt, plain cards, and not one escape."""
    with terminal(tmp_path, TERM="dumb") as console:
        console.until("#general > ")
        console.type("pillar s\n")
        console.until("[S] Safeguards")
        console.signal(signal.SIGUSR1)
        console.until("#compliance  2026-07-09")
        console.until(ALERT.title)
        console.leave()
        assert b"\x1b" not in console.raw


def test_no_color_is_obeyed(tmp_path: Path) -> None:
    """With NO_COLOR neither cards nor the prompt set a colour."""
    with terminal(tmp_path, NO_COLOR="1") as console:
        console.until(PROMPT)
        console.ask("pillar s", "[S] Safeguards")
        console.leave()
        assert b"[38;" not in console.raw
        assert b"[36m" not in console.raw
