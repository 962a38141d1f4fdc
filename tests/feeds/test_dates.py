"""Every date of the table means what it says there, and nothing else breaks the reader."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds.dates import DAY_S, read_date
from tests.feeds.tried import DATES, NOW, Dated, document

CHECKOUT = Path(__file__).resolve().parents[2]
BEFORE_ALL = NOW - 41 * 366 * DAY_S


@pytest.mark.parametrize("case", DATES, ids=lambda case: f"{case.text[:40]} in {case.zone}")
def test_dates_tried(case: Dated) -> None:
    """A date is read as people in the feed's zone would read it, or not at all."""
    assert case.result == case.expected


def test_the_page_of_what_was_tried() -> None:
    """docs/feeds-tried.md says what the code does."""
    page = CHECKOUT / "docs" / "feeds-tried.md"
    assert page.read_text(encoding="utf-8") == document()


def test_a_date_is_soon_believed() -> None:
    """A date slightly ahead is believed (clocks differ), one of 1996 stays of 1996."""
    tomorrow = read_date("2026-11-11T06:30:00Z", "UTC", NOW)
    old = read_date("Thu, 04 Jan 1996 00:00:00 +0800", "Asia/Hong_Kong", NOW)
    assert tomorrow is not None
    assert tomorrow.at == NOW + DAY_S
    assert old is not None
    assert (old.at, old.date_only) == (820_684_800, True)


@given(
    st.one_of(
        st.text(max_size=120),
        st.text(alphabet="0123456789:-+/. ,TZ年月日時分上午下午novJANgmtHKT一二十零", max_size=60),
    )
)
def test_anything_is_a_believable_date_or_none(text: str) -> None:
    """Whatever stands in a date's place gives an instant within the limits, or none."""
    found = read_date(text, "Asia/Hong_Kong", NOW)
    assert found is None or BEFORE_ALL < found.at <= NOW + DAY_S
