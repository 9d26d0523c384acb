"""The privacy notice: public, in step with the settings and with what HR sees, with the organisation's own words."""

import re
from pathlib import Path
from typing import Any

import pytest

from models.database import Database
from models.domain import Tracking
from tests.integration.web.scene import Scene, open_scene
from web.privacy_notice import HEADINGS
from web.sight import tell_what_hr_sees

OPERATORS = Path(__file__).parents[3] / "docs" / "for-operators.md"


def section(page: str, heading: str) -> str:
    """From a heading to the next one, in one line."""
    return " ".join(page.split(f">{heading}</h2>")[1].split("<h2")[0].split())


def show(database: Database, **settings: Any) -> str:
    return open_scene(database, **settings).get("/privacy").text


def test_anybody_may_read_it_and_it_is_one_press_away_from_everywhere(scene: Scene) -> None:
    assert scene.get("/privacy").status_code == 200
    assert scene.browser.head("/privacy").status_code == 200
    for path in ("/", "/nowhere", "/privacy", scene.question(), scene.preferences, scene.leaving):
        assert 'href="/privacy"' in scene.get(path).text.split("<footer")[1], path
    for path in ("/", scene.preferences):
        assert '<a href="/privacy">the privacy notice</a>' in scene.get(path).text, path


def test_it_holds_a_section_of_each_kind_in_order(scene: Scene) -> None:
    page = scene.get("/privacy").text
    assert re.findall(r'<h2 id="[a-z-]+">(.+)</h2>', page) == list(HEADINGS.values())
    assert re.findall(r'contents-list__link" href="#([a-z-]+)"', page) == list(HEADINGS)


def test_who_is_responsible_and_how_long_is_as_the_settings_say(database: Database) -> None:
    page = show(
        database,
        controller="Moor & Dale Trust",
        hr_contact="hr@example.org",
        retain_events_days=60,
        retain_audit_months=7,
    )
    assert "Moor &amp; Dale Trust decides what is kept here" in section(page, "Who is responsible")
    assert "mailto:hr@example.org" in section(page, "Who is responsible")
    how_long = section(page, "How long")
    assert "until 60 days after a programme’s last day" in how_long
    assert "The lines about changes: 7 months." in how_long
    assert "until 30 days after you left" in how_long
    assert "Moor &amp; Dale Trust has not written here which lawful basis" in section(page, "Lawful basis")


def test_without_a_name_or_an_address_it_invents_none(database: Database) -> None:
    page = show(database)
    assert "The organisation that enrolled you decides" in section(page, "Who is responsible")
    assert "mailto:" not in page
    assert set(re.findall(r'href="(https?://[^"]+)"', page)) == {"https://ico.org.uk"}


@pytest.mark.parametrize("answers", [True, False])
def test_who_sees_what_is_the_list_that_leaders_see_on_their_own_page(database: Database, answers: bool) -> None:
    scene = open_scene(database, answers_visible_to_admins=answers)
    who = section(scene.get("/privacy").text, "Who sees it")
    everybody, rest = who.split("They do not see")
    unseen, watched = rest.split("Where your opens and clicks are recorded")
    sight = tell_what_hr_sees(scene.site.settings, watched=False)
    more = {line.says for line in tell_what_hr_sees(scene.site.settings, watched=True).seen}
    assert re.findall("<li>(.+?)</li>", everybody) == [line.says for line in sight.seen]
    assert set(re.findall("<li>(.+?)</li>", watched)) == more - {line.says for line in sight.seen}
    assert re.findall("<li>(.+?)</li>", unseen) == list(sight.unseen)


@pytest.mark.parametrize(
    ("tracking", "says", "silent"),
    [
        ("ask", "only if you agreed to it on your page", "your organisation has decided so"),
        ("on", "your organisation has decided so", "take back your consent"),
        ("off", "Nothing is kept of your looking at an e-mail or a page", "opens and clicks"),
    ],
)
def test_it_says_of_opens_and_clicks_what_holds_here(
    database: Database, tracking: Tracking, says: str, silent: str
) -> None:
    page = " ".join(show(database, open_tracking=tracking).split())
    assert says in page
    assert silent not in page


def test_the_organisations_sections_stand_in_place_of_ours_or_after_them(database: Database, tmp_path: Path) -> None:
    own = tmp_path / "privacy.md"
    own.write_text(
        "## Lawful basis\n\nPublic task; see [our minutes](https://trust.example.org/minutes).\n\n- *One*\n"
        "## Our officer <b>\n\n<script>alert(1)</script> [x](javascript:alert(1)) Write to officer@example.org.\n",
        encoding="utf-8",
    )
    page = show(database, config=tmp_path, privacy_notice=Path("privacy.md"))

    basis = section(page, "Lawful basis")
    assert '<a href="https://trust.example.org/minutes">our minutes</a>' in basis
    assert "<li><em>One</em></li>" in basis
    assert "has not written" not in page
    assert page.index("Lawful basis</h2>") < page.index("How to complain</h2>") < page.index("&lt;b&gt;</h2>")
    assert "<script" not in page
    assert 'href="javascript' not in page
    assert "Write to officer@example.org." in section(page, "Our officer &lt;b&gt;")
    assert 'href="#more-1">Our officer &lt;b&gt;</a>' in page


def test_operators_are_told_each_heading_that_they_can_replace() -> None:
    text = OPERATORS.read_text(encoding="utf-8").split("## The privacy notice")[1].split("\n## ")[0]
    assert set(re.findall(r"`## ([^`]+)`", text)) >= set(HEADINGS.values())


def test_replies_are_told_of_where_they_are_read(database: Database) -> None:
    page = show(database, replies="lmtp://127.0.0.1", retain_events_days=60)
    assert "no word of it is kept" in section(page, "What is kept")
    assert "That a reply of yours came: 60 days." in section(page, "How long")


def test_where_nobody_reads_replies_none_are_told_of(scene: Scene) -> None:
    page = scene.get("/privacy").text
    assert "reply" not in section(page, "What is kept") + section(page, "How long")
