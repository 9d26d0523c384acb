"""GET and HEAD: every link shows what it should, and nothing changes but the raw log."""

import pytest

from models.database import Database
from models.tables import AttemptRow, MailRow
from scheduler.evidence import grade_mail
from tests.integration.web.scene import (
    CHECK_IN,
    READ_AT,
    RECALL,
    RESOURCE,
    SENT_AT,
    Scene,
    find_sheet,
    open_scene,
)


def test_the_pixel_is_a_gif_of_43_bytes_that_nobody_keeps(scene: Scene) -> None:
    pixel = scene.get(scene.path("o", scene.mail_id))
    assert (pixel.status_code, pixel.headers["content-type"], len(pixel.content)) == (200, "image/gif", 43)
    assert pixel.content.startswith(b"GIF89a\x01\x00\x01\x00")
    assert pixel.headers["cache-control"] == "no-store"


def test_a_tracked_link_leads_to_the_resources_own_address_and_nowhere_else(scene: Scene) -> None:
    answer = scene.get(scene.path("l", scene.mail_id, RESOURCE) + "?url=https://evil.example.org/")
    assert (answer.status_code, answer.headers["location"]) == (302, "https://example.org/report")


def test_a_tracked_link_to_what_is_no_resource_of_the_mail_leads_nowhere(scene: Scene) -> None:
    for position in (RECALL, CHECK_IN, 99):
        assert scene.get(scene.path("l", scene.mail_id, position)).status_code == 404


def test_a_tracked_link_to_a_resource_that_config_no_longer_has_says_so(scene: Scene) -> None:
    scene.programmes.clear()
    page = scene.get(scene.path("l", scene.mail_id, RESOURCE))
    assert page.status_code == 410
    assert "no longer part of the programme" in page.text


def test_every_link_answers_get_and_head_alike_and_changes_nothing_but_the_raw_log(scene: Scene) -> None:
    scene.add_mail()
    before = scene.tables(without=["events"])
    for path in [*scene.every_link(), "/", find_sheet(scene.get("/").text)]:
        shown, asked = scene.get(path), scene.browser.head(path, follow_redirects=False)
        assert shown.status_code in (200, 302)
        assert asked.status_code == shown.status_code
        assert asked.headers["content-type"] == shown.headers["content-type"] if "content-type" in shown.headers else 1
    assert scene.tables(without=["events"]) == before
    assert len(scene.events()) == 2 * len(scene.every_link())


def test_each_hit_is_kept_as_it_came(scene: Scene) -> None:
    scene.get(scene.path("l", scene.mail_id, RESOURCE), headers={"sec-purpose": "prefetch", "user-agent": "A\tb" * 200})
    (event,) = scene.events()
    assert (event.kind, event.position, event.method, event.at) == ("click", RESOURCE, "GET", READ_AT)
    assert (event.mail_id, event.enrolment_id, event.purpose) == (scene.mail_id, scene.enrolment_id, "prefetch")
    assert event.agent == ("A b" * 200)[:300]


def test_of_the_address_only_a_hash_is_kept_the_same_for_the_same_address(scene: Scene) -> None:
    for _ in range(2):
        scene.get(scene.path("o", scene.mail_id))
    first, second = scene.events()
    assert first.origin == second.origin
    assert len(first.origin) == 24
    assert "testclient" not in str(scene.tables())


def test_a_scanner_that_follows_every_link_changes_nothing_and_is_known_for_one(scene: Scene) -> None:
    scene.add_mail()
    before = scene.tables(without=["events"])
    for path in scene.every_link():
        scene.wait(seconds=0.2)
        scene.get(path)
    assert scene.tables(without=["events"]) == before
    evidence = grade_mail(scene.events(), accepted_at=SENT_AT, links=7)
    assert {hit.credence for hit in evidence.hits if hit.event.kind != "open"} == {"machine"}
    assert (evidence.grade, evidence.opened, evidence.clicked) == ("machine", False, frozenset())


def test_a_mail_that_was_not_tracked_leaves_no_trace_of_who_reads_it(database: Database) -> None:
    scene = open_scene(database, agreed=False)
    before = scene.tables()
    for path in scene.every_link():
        assert scene.get(path).status_code in (200, 302)
    assert scene.tables() == before


def test_who_took_the_agreement_back_leaves_no_trace_on_mails_that_were_tracked(scene: Scene) -> None:
    scene.agree(False)
    before = scene.tables()
    for path in scene.every_link():
        scene.get(path)
    assert scene.tables() == before


def test_of_an_answer_to_a_mail_that_was_not_tracked_only_the_answer_is_kept(database: Database) -> None:
    scene = open_scene(database, agreed=False)
    scene.press(scene.question(), answer="using")
    (event,) = scene.events()
    assert (event.value["answer"], event.agent, event.origin) == ("using", "", "")


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_any_hit_on_a_link_of_a_mail_in_doubt_proves_that_it_arrived(database: Database, method: str) -> None:
    scene = open_scene(database, agreed=False, state="in_doubt")
    add_doubt(scene)
    scene.browser.request(method, scene.path("o", scene.mail_id), headers={"user-agent": "curl/8"})
    assert read_state(scene) == "sent"


def test_an_answer_to_a_mail_in_doubt_proves_that_it_arrived(database: Database) -> None:
    scene = open_scene(database, agreed=False)
    nonce = scene.nonce(scene.question())
    add_doubt(scene)
    scene.press(scene.question(), nonce=nonce, answer="using")
    assert read_state(scene) == "sent"


def test_a_hit_while_the_mail_is_on_its_way_is_kept_as_proof_for_later(database: Database) -> None:
    scene = open_scene(database, agreed=False, state="sending")
    scene.get(scene.question())
    (event,) = scene.events()
    assert (read_state(scene), event.agent, event.origin) == ("sending", "", "")


def add_doubt(scene: Scene) -> None:
    with scene.database.sessions.begin() as session:
        session.add(AttemptRow(mail_id=scene.mail_id, at=SENT_AT, outcome="in_doubt", detail="no reply"))
        mail = session.get(MailRow, scene.mail_id)
        assert mail
        mail.state = "in_doubt"


def read_state(scene: Scene) -> str:
    with scene.database.reading() as session:
        mail = session.get(MailRow, scene.mail_id)
        assert mail
        return mail.state
