"""Notes are for their writer alone: a link that was mailed a moment ago shows them, and nothing else does."""

from typing import Any

import pytest
from sqlalchemy import select

from models.database import Database
from models.own import add_note, read_notes
from models.tables import MailRow
from tests.builders import build_enrolment, build_leader, keep_enrolment
from tests.integration.web.scene import Scene
from tests.integration.web.test_my_days import section


def mailed(scene: Scene) -> list[dict[str, str]]:
    """What the mails with a fresh link say, oldest first."""
    with scene.database.reading() as session:
        rows = session.execute(select(MailRow.recipient, MailRow.notice).where(MailRow.kind != "nudge")).all()
    return [{"to": to, **notice["values"]} for to, notice in rows if notice and notice["says"] == "fresh_link"]


def notes(scene: Scene) -> list[tuple[str, str]]:
    with scene.database.reading() as session:
        return [(note.about, note.text) for note in read_notes(session, scene.enrolment_id)]


@pytest.fixture
def fresh(scene: Scene) -> str:
    """The path of a link that the leader has just asked for."""
    scene.press(scene.my_days, send="notes")
    return mailed(scene)[-1]["url"].removeprefix(scene.site.settings.public_url)


def write(scene: Scene, path: str, text: str, **fields: Any) -> int:
    return scene.press(path, write="yes", text=text, **fields).status_code


def test_a_fresh_link_goes_to_the_leaders_own_address_and_is_shown_to_nobody_else(scene: Scene) -> None:
    page = scene.press(scene.my_days, send="notes")
    assert "A link is on its way to your mailbox. It works for 30 minutes." in page.text
    (mail,) = mailed(scene)
    assert (mail["to"], mail["minutes"]) == ("sam.sample@example.org", "30")
    assert mail["url"] not in page.text
    assert len(mail["url"]) <= 80


def test_notes_are_written_read_and_removed_with_a_fresh_link(scene: Scene, fresh: str) -> None:
    assert write(scene, fresh, "Ring the council.\r\nAsk first.", about="listen-first") == 200
    assert write(scene, fresh, "<b>bold</b>") == 200
    assert notes(scene) == [("", "<b>bold</b>"), ("listen-first", "Ring the council.\nAsk first.")]
    page = scene.get(fresh).text
    assert "about “Listen first”" in section(page, "notes")
    assert "Ring the council.\nAsk first." in page
    assert "&lt;b&gt;bold&lt;/b&gt;" in page
    with scene.database.reading() as session:
        newest = read_notes(session, scene.enrolment_id)[0].id
    assert "The note is gone." in scene.press(fresh, remove=str(newest)).text
    assert notes(scene) == [("listen-first", "Ring the council.\nAsk first.")]


def test_what_was_written_at_a_check_in_shows_there_too(scene: Scene, fresh: str) -> None:
    scene.press(scene.check_in, done="yes", text="I talk too much.")
    assert "I talk too much." in scene.get(fresh).text


def test_after_half_an_hour_the_link_shows_no_note_and_takes_none(scene: Scene, fresh: str) -> None:
    assert write(scene, fresh, "Ring the council.") == 200
    scene.wait(minutes=29)
    assert "Ring the council." in scene.get(fresh).text
    nonce = scene.nonce(fresh)
    scene.wait(minutes=1, seconds=1)
    page = scene.get(fresh)
    assert (page.status_code, "Ring the council." in page.text) == (200, False)
    assert "Send me a link to my notes" in page.text
    late = scene.press(fresh, nonce=nonce, write="yes", text="Too late.")
    assert (late.status_code, "need a fresh link" in late.text) == (400, True)
    assert scene.press(fresh, nonce=nonce, remove="1").status_code == 400
    assert [text for _, text in notes(scene)] == ["Ring the council."]


def test_the_link_of_a_mail_shows_and_takes_no_note(scene: Scene, fresh: str) -> None:
    write(scene, fresh, "Ring the council.")
    for path in (scene.my_days, scene.preferences, scene.check_in, scene.question()):
        assert "Ring the council." not in scene.get(path).text
    assert write(scene, scene.my_days, "Not here.") == 400
    assert scene.press(scene.my_days, remove="1").status_code == 400
    assert len(notes(scene)) == 1


def test_a_mark_of_the_plain_page_does_not_serve_the_fresh_one_nor_the_other_way_round(
    scene: Scene, fresh: str
) -> None:
    assert write(scene, fresh, "No.", nonce=scene.nonce(scene.my_days)) == 400
    assert scene.press(scene.my_days, nonce=scene.nonce(fresh), keep="share-early").status_code == 400
    assert notes(scene) == []


def test_the_same_press_twice_is_one_note_and_the_log_holds_no_word_of_it(scene: Scene, fresh: str) -> None:
    nonce = scene.nonce(fresh)
    for _ in range(2):
        assert write(scene, fresh, "Ring the council.", nonce=nonce) == 200
    assert write(scene, fresh, "Ring the council twice.", nonce=nonce) == 200
    assert len(notes(scene)) == 2
    assert "council" not in str([event.value for event in scene.events()])


def test_what_makes_no_sense_keeps_nothing_and_loses_nothing_that_was_written(scene: Scene, fresh: str) -> None:
    assert write(scene, fresh, "  ") == 400
    assert write(scene, fresh, "About what?", about="nothing") == 400
    page = scene.press(fresh, write="yes", text="x" * 1501, about="listen-first")
    assert f">{'x' * 1501}</textarea>" in page.text
    assert '<option value="listen-first" selected>' in page.text
    assert notes(scene) == []


def test_a_second_link_within_five_minutes_is_not_sent_and_after_that_one_is(scene: Scene, fresh: str) -> None:
    page = scene.press(scene.my_days, send="notes")
    assert "A link went to your mailbox a moment ago." in page.text
    assert len(mailed(scene)) == 1
    scene.wait(minutes=5)
    scene.press(scene.my_days, send="notes")
    assert mailed(scene)[-1]["url"] != scene.site.settings.public_url + fresh


def test_nobody_elses_notes_are_read_or_removed(database: Database, scene: Scene, fresh: str) -> None:
    leader = build_leader(key="kim@example.org", email="kim@example.org", name="Kim Other")
    with database.sessions.begin() as session:
        other = keep_enrolment(session, build_enrolment(leader=leader)).id
        add_note(session, other, "Kim's own", now=scene.now)
        (theirs,) = read_notes(session, other)
    assert "That note was gone already." in scene.press(fresh, remove=str(theirs.id)).text
    assert "Kim" not in scene.get(fresh).text
    with database.reading() as session:
        assert read_notes(session, other) == (theirs,)
    forged = scene.links.token("m", other, scene.mail_id)
    assert "Kim's own" not in scene.get(f"/m/{forged}").text


@pytest.mark.parametrize("remove", ["x", "-1", "9" * 30, "1 OR 1", "\0"])
def test_a_note_that_cannot_be_is_gone_already(scene: Scene, fresh: str, remove: str) -> None:
    assert scene.press(fresh, remove=remove).status_code == 200
