"""My 100 days: what came and what comes, told truly; a habit marked by one press; all there is to read."""

import re
from dataclasses import replace
from datetime import date

from models.database import Database
from models.own import read_habits
from models.tables import MailItemRow
from tests.builders import at, build_resource
from tests.integration.web.gallery import fresh
from tests.integration.web.scene import PROGRAMME, Scene, open_scene


def section(page: str, name: str) -> str:
    """The words of one section of the page."""
    found = re.search(rf'<section[^>]* id="{name}">(.*?)</section>', page, re.DOTALL)
    assert found, name
    return " ".join(re.sub("<[^>]+>", " ", found.group(1)).split())


def figures(page: str) -> dict[str, str]:
    """The table of figures: so far / in all, by name."""
    rows = re.findall(r'scope="row">(.+?)</th>\s*<td[^>]*>(\d+)</td>\s*<td[^>]*>(\d+)</td>', page)
    return {name: f"{so_far}/{in_all}" for name, so_far, in_all in rows}


def habits(scene: Scene) -> tuple[str, ...]:
    with scene.database.reading() as session:
        return read_habits(session, scene.enrolment_id)


def test_the_figures_count_what_came_and_what_came_back(scene: Scene) -> None:
    assert figures(scene.get(scene.my_days).text) == {
        "Days": "1/100",
        "Tips": "1/2",
        "Things to read": "1/1",
        "Questions answered": "0/3",
        "Check-ins": "0/3",
    }
    scene.press(scene.question(), answer="nearly")
    scene.press(scene.check_in, done="yes")
    after = figures(scene.get(scene.my_days).text)
    assert (after["Questions answered"], after["Check-ins"]) == ("1/3", "1/3")


def test_a_check_in_that_came_too_early_for_a_late_starter_is_not_held_against_them(scene: Scene) -> None:
    scene.now = at("2027-04-20 12:00")
    assert figures(scene.get(scene.my_days).text)["Check-ins"] == "0/1"


def test_the_picture_draws_the_very_figures_of_the_table_and_says_them(scene: Scene) -> None:
    page = scene.get(scene.my_days).text
    bars = re.findall(r'picture__bar" x="0" y="\d+" width="(\d+)"', page)
    assert bars == ["3", "160", "320", "0", "0"]
    (title,) = re.findall(r'<title id="picture-title">(.+)</title>', page)
    assert "days 1 of 100, tips 1 of 2, things to read 1 of 1, questions answered 0 of 3" in title
    assert not re.search(r"<svg[^>]*>.*(style=|<script|<style).*</svg>", page, re.DOTALL)


def test_what_came_stands_by_week_the_newest_first_and_leads_to_its_pages(scene: Scene) -> None:
    later = scene.add_mail(
        state="sent", slot=at("2027-01-19 08:30"), local_date=date(2027, 1, 19), subject="The second week"
    )
    with scene.database.sessions.begin() as session:
        session.add(MailItemRow(mail_id=later, position=0, item="listen-first", kind="tip", placed="new"))
    scene.press(scene.question(), answer="using")
    page = scene.get(scene.my_days).text
    came = section(page, "came")
    assert came.index("Week of 18 January 2027") < came.index("Week of 11 January 2027")
    assert "Tuesday 19 January 2027 : The second week Tip: Listen first" in came
    assert "A question about “Listen first” (done)" in came
    assert scene.links.url("a", scene.mail_id, 0) in page
    assert scene.links.url("c", scene.mail_id, 4) in page


def test_what_comes_next_is_what_the_planner_says(scene: Scene) -> None:
    coming = section(scene.get(scene.my_days).text, "next")
    assert coming.startswith("What comes next Thursday 14 January 2027, about 08:30 (London time)")
    assert "All that is planned after that" in coming
    assert "The closing summary" in coming


def test_who_paused_or_left_reads_so_in_place_of_a_date(scene: Scene) -> None:
    scene.press(scene.preferences, action="leave")
    coming = section(scene.get(scene.my_days).text, "next")
    assert coming == "What comes next E-mails are off: you left on 12 January 2027."


def test_a_tip_is_kept_as_a_habit_by_one_press_and_let_go_by_another(scene: Scene) -> None:
    page = scene.press(scene.my_days, keep="share-early")
    assert (page.status_code, habits(scene)) == (200, ("share-early",))
    assert "My habit" in section(page.text, "tips")
    page = scene.press(scene.my_days, drop="share-early")
    assert (page.status_code, habits(scene)) == (200, ())
    assert "My habit" not in section(page.text, "tips")


def test_a_mark_is_one_event_however_often_it_is_sent_and_proves_that_somebody_was_there(scene: Scene) -> None:
    nonce = scene.nonce(scene.my_days)
    scene.wait(seconds=5)
    for _ in range(2):
        scene.press(scene.my_days, nonce=nonce, keep="share-early")
    (event,) = [event for event in scene.events() if event.kind == "mark"]
    assert event.value == {"keep": "share-early"}


def test_what_never_came_or_is_no_tip_is_no_habit(scene: Scene) -> None:
    stale = {"keep": "share-early", "nonce": "x"}
    for fields in ({"keep": "nothing"}, {"keep": "short-report"}, {"drop": ""}, {}, stale):
        page = scene.press(scene.my_days, **fields)
        assert (page.status_code, 'role="alert"' in page.text) == (400, True)
    assert habits(scene) == ()


def test_all_resources_are_listed_with_their_own_addresses_those_that_came_first(database: Database) -> None:
    scene = open_scene(database)
    programme = scene.programmes[PROGRAMME]
    others = (
        build_resource("long-book", url="https://example.org/book", read="chapter two", minutes=1),
        build_resource("lost-paper", url=None),
    )
    items = {**programme.items, **{item.id: item for item in others}}
    scene.programmes[PROGRAMME] = replace(programme, items=items)
    page = scene.get(scene.my_days).text
    read = section(page, "read")
    assert read.index("Sent to you Short report") < read.index("Not sent to you, or not yet Long book")
    assert "Lost paper" in read
    assert "No address of it has been confirmed yet" in read
    assert '<a href="https://example.org/book" rel="noreferrer">Long book</a>' in page
    assert "chapter two (1 minute)" in read
    assert "/l/" not in page  # nothing here is tracked


def test_the_words_of_authors_and_of_hr_cannot_become_markup(scene: Scene) -> None:
    hostile = '<script>alert("x")</script>'
    programme = scene.programmes[PROGRAMME]
    items = {
        name: replace(item, title=hostile) if item.kind in ("tip", "resource", "check-in") else item
        for name, item in programme.items.items()
    }
    roles = {name: replace(role, name=hostile) for name, role in programme.roles.items()}
    scene.programmes[PROGRAMME] = replace(programme, items=items, roles=roles, name=hostile)
    for page in (scene.get(scene.my_days), scene.get(fresh(scene)), scene.get(scene.preferences)):
        assert "<script" not in page.text
        assert "&lt;script&gt;" in page.text


def test_looking_changes_nothing_and_a_programme_that_is_gone_says_so(scene: Scene) -> None:
    before = scene.tables(without=["events"])
    scene.get(scene.my_days)
    assert scene.tables(without=["events"]) == before
    scene.programmes.clear()
    assert scene.get(scene.my_days).status_code == 410


def test_nobody_elses_days_are_shown(scene: Scene) -> None:
    page = scene.get(scene.path("m", scene.enrolment_id, 4711)).text
    assert "My 100 days" in page
    assert scene.get(scene.path("m", scene.enrolment_id + 1, scene.mail_id)).status_code == 404
