"""The rehearsal's colours: readable by day and by night, whatever the brand."""

import re

import pytest

from config.settings import Settings
from emails.colours import READABLE, contrast
from rehearsal.storyboard.sheets import Sheets

INKS = ("ink", "soft", "link", "tip", "resource", "check-in", "message", "questions")


def read_colours(brand: str) -> tuple[dict[str, str], dict[str, str]]:
    """The custom properties by day, and by night."""
    style = Sheets(Settings(brand_colour=brand)).write_style().decode()
    blocks = re.findall(r"(prefers-color-scheme: ?dark\) ?{ ?)?:root ?{([^}]*)}", style)
    day: dict[str, str] = {}
    night: dict[str, str] = {}
    for dark, block in blocks:
        found = dict(re.findall(r"--([\w-]+): ?(#[0-9a-f]{6})", block))
        night.update(found)
        if not dark:
            day.update(found)
    return day, night


@pytest.mark.parametrize("brand", ["#1d4f76", "#005eb8", "#ffcc00", "#000000", "#ffffff"])
def test_all_words_are_readable_where_they_stand(brand: str) -> None:
    for colours in read_colours(brand):
        faint = [
            (ink, ground)
            for ink in INKS
            for ground in ("page", "sheet")
            if contrast(colours[ink], colours[ground]) < READABLE
        ]
        assert faint == []
        assert contrast(colours["ink"], colours["tint"]) >= READABLE
    day, _ = read_colours(brand)
    assert contrast(day["on-bar"], day["bar"]) >= READABLE
