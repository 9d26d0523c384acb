"""The admin pages about the whole: the overview, delivery with its doubts, the audit."""

import re

import pytest
from sqlalchemy import select

from models.accounts import AccountRole
from models.doubts import read_doubts
from models.tables import AttemptRow, AuditRow, MailRow
from tests.builders import at, build_enrolment, build_leader, keep_enrolment
from tests.integration.web.admin import enter, invite, read_text
from tests.integration.web.scene import SENT_AT, Scene
from web.admin.audit import PER_PAGE

OF_HR = ("/admin/starters/new", "/admin/corrections")
OPEN_TO_ALL = ("/admin", "/admin/leaders", "/admin/delivery", "/admin/items", "/admin/reports", "/admin/programme")
KIM, OTHER = "kim@example.org", "Moor Trust"


@pytest.fixture
def doubt(scene: Scene) -> int:
    """A mail in doubt to Kim, of another organisation; its number."""
    with scene.database.sessions.begin() as session:
        leader = build_leader(key=KIM, email=KIM, name="Kim Example", organisation=OTHER)
        enrolment_id = keep_enrolment(session, build_enrolment(leader=leader)).id
    mail_id = scene.add_mail(
        enrolment_id=enrolment_id, recipient=KIM, ordinal=1, state="in_doubt", ended_at=SENT_AT, subject="Listen first"
    )
    with scene.database.sessions.begin() as session:
        session.add(AttemptRow(mail_id=mail_id, at=SENT_AT, outcome="in_doubt", detail="timed out"))
    return mail_id


def read_state(scene: Scene, mail_id: int) -> str | None:
    with scene.database.reading() as session:
        return session.scalar(select(MailRow.state).where(MailRow.id == mail_id))


# ---------------------------------------------------------------- doubts


@pytest.mark.parametrize(
    ("verdict", "state"), [("sent", "sent"), ("drop", "failed_after_doubt"), ("resend", "planned")]
)
def test_hr_settles_a_doubt_and_the_audit_names_who(scene: Scene, doubt: int, verdict: str, state: str) -> None:
    visitor = enter(scene, "hr@example.org", role="hr", organisations=(OTHER,))
    assert "Kim Example : Listen first" in read_text(visitor.get("/admin/delivery"))
    answer = visitor.press("/admin/delivery", f"/admin/delivery/{doubt}", verdict=verdict, sure="yes")
    page = read_text(visitor.go_on(answer))
    assert ("Settled." in page, "No mail is in doubt." in page) == (True, True)
    assert read_state(scene, doubt) == state
    with scene.database.reading() as session:
        line = session.scalars(select(AuditRow).where(AuditRow.action == "doubt_settled")).one()
        assert (line.account, line.leader_key) == ("hr@example.org", KIM)
        assert line.change["after"] == {"mail": doubt, "settled_as": verdict}


def test_a_doubt_is_settled_from_the_leaders_page_too(scene: Scene, doubt: int) -> None:
    visitor = enter(scene)
    with scene.database.reading() as session:
        (one,) = read_doubts(session)
    page = visitor.get(f"/admin/leaders/{one.enrolment_id}")
    assert f'action="/admin/delivery/{doubt}"' in page.text
    viewer = enter(scene, "vera@example.org", role="viewer").get(f"/admin/leaders/{one.enrolment_id}")
    assert "In doubt" in read_text(viewer)
    assert "/admin/delivery/" not in viewer.text.replace('href="/admin/delivery"', "")


def test_sending_once_more_is_asked_about(scene: Scene, doubt: int) -> None:
    visitor, before = enter(scene), read_state(scene, doubt)
    asked = visitor.press("/admin/delivery", f"/admin/delivery/{doubt}", verdict="resend")
    assert "they have it twice" in read_text(asked)
    assert read_state(scene, doubt) == before == "in_doubt"


def test_a_doubt_is_settled_once(scene: Scene, doubt: int) -> None:
    visitor = enter(scene)
    for status in (303, 404):
        answer = visitor.press("/admin", f"/admin/delivery/{doubt}", verdict="drop")
        assert answer.status_code == status


def test_a_doubt_of_another_organisation_is_as_unknown_as_none(scene: Scene, doubt: int) -> None:
    visitor = enter(scene, role="hr", organisations=("Example Hospitals",))
    assert "No mail is in doubt." in read_text(visitor.get("/admin/delivery"))
    answers = [visitor.press("/admin", f"/admin/delivery/{number}", verdict="drop") for number in (doubt, 9999)]
    assert [(answer.status_code, answer.text) for answer in answers] == [(404, answers[0].text)] * 2
    assert read_state(scene, doubt) == "in_doubt"


def test_a_viewer_settles_nothing(scene: Scene, doubt: int) -> None:
    visitor = enter(scene, role="viewer")
    assert "It arrived" not in visitor.get("/admin/delivery").text
    assert visitor.press("/admin", f"/admin/delivery/{doubt}", verdict="drop").status_code == 403
    assert read_state(scene, doubt) == "in_doubt"


def test_what_a_server_said_is_shown_with_what_to_do(scene: Scene) -> None:
    mail_id = scene.add_mail(state="failed", ended_at=SENT_AT)
    with scene.database.sessions.begin() as session:
        session.add(AttemptRow(mail_id=mail_id, at=SENT_AT, outcome="permanent", detail="550 <no> such mailbox"))
    text = read_text(enter(scene).get("/admin/delivery"))
    assert "given up: check the address 550 <no> such mailbox" in text


# ---------------------------------------------------------------- the overview


def test_the_overview_counts_and_names_who_needs_a_person(scene: Scene, doubt: int) -> None:
    scene.add_mail(ordinal=3, state="planned", slot=at("2027-01-14 08:30"))
    scene.keep_state("config_problems", "leaders.yaml:3:1: no such role")
    text = read_text(enter(scene).get("/admin"))
    assert "2 active 0 waiting for the first mail 1 sent this week" in text
    assert "Kim Example" in text
    assert "1 mail in doubt" in text
    assert "Thursday 14 January 1" in text
    assert "leaders.yaml:3:1: no such role" in text


def test_the_picture_and_its_table_agree(scene: Scene) -> None:
    page = enter(scene).get("/admin").text
    picture, _, table = page.partition("</svg>")
    drawn = [line.rpartition(">")[0] for line in picture.split("<text")[1:]]
    numbers = [line.partition(">")[2].partition("<")[0] for line in drawn][0::2]
    listed = [part.partition("<")[0] for part in table.partition("</table>")[0].split('cell--numeric">')[1:]]
    assert numbers == listed == ["0"] * 11 + ["1"]


def test_the_overview_of_an_organisation_tells_of_it_alone(scene: Scene, doubt: int) -> None:
    scene.keep_state("config_problems", "leaders.yaml:3:1: kim@example.org stands twice")
    text = read_text(enter(scene, organisations=("Example Hospitals",)).get("/admin"))
    assert "1 active" in text
    assert "Kim" not in text.partition("Overview Overview")[2]
    assert "kim@example.org" not in text


# ---------------------------------------------------------------- the audit


def test_the_audit_names_who_did_what(scene: Scene) -> None:
    text = read_text(enter(scene).get("/admin/audit"))
    assert "ada@example.org signed in – how: – → password" in text
    assert "leader tracking chosen sam.sample@example.org – → true" in text


def test_the_audit_is_for_admins_and_of_ones_own_leaders(scene: Scene, doubt: int) -> None:
    assert enter(scene, "hr@example.org", role="hr").get("/admin/audit").status_code == 403
    text = read_text(enter(scene, "bob@example.org", organisations=(OTHER,)).get("/admin/audit"))
    assert "sam.sample@example.org" not in text
    assert "signed in" not in text


def test_the_audit_leads_to_older_lines_and_finds_those_about_somebody(scene: Scene) -> None:
    visitor = enter(scene)
    for _ in range(PER_PAGE):
        scene.wait(seconds=1)
        invite(scene, "new@example.org")
    page = visitor.get("/admin/audit")
    assert "tracking chosen" not in page.text
    older = page.text.partition('href="?before=')[2].partition('"')[0]
    assert "tracking chosen" in visitor.get(f"/admin/audit?before={older}").text
    about = visitor.get("/admin/audit?about=Sam.Sample@example.org").text
    assert ("tracking chosen" in about, "new@example.org" in about) == (True, False)


# ---------------------------------------------------------------- items, programme


def test_items_tell_of_ones_own_leaders(scene: Scene, doubt: int) -> None:
    everybody = read_text(enter(scene).get("/admin/items"))
    others = read_text(enter(scene, "bob@example.org", organisations=(OTHER,)).get("/admin/items"))
    row = r"Share early tip (\d+) (\d+)"
    assert re.findall(row, everybody) == [("1", "1")]
    assert re.findall(row, others) == [("0", "0")]
    assert "The figures are those of Moor Trust." in others


def test_the_programme_shows_a_roles_days_in_order_with_their_reasons(scene: Scene) -> None:
    text = read_text(enter(scene).get("/admin/programme?role=director"))
    assert "-21 Welcome message A pause. 1 Listen first tip In its turn. 8 Share early tip" in text
    assert "First 100 days, for Director: at most 2 e-mails in seven days" in text


def test_an_unknown_role_or_programme_shows_the_first(scene: Scene) -> None:
    assert "for Director" in read_text(enter(scene).get("/admin/programme?programme=x&role=y"))


# ---------------------------------------------------------------- the way there


@pytest.mark.parametrize(
    ("role", "expected"),
    [("viewer", [*OPEN_TO_ALL]), ("admin", [*OPEN_TO_ALL[:2], *OF_HR, *OPEN_TO_ALL[2:], "/admin/audit"])],
)  # fmt: skip
def test_each_page_leads_to_every_page_that_the_account_may_see(
    scene: Scene, role: AccountRole, expected: list[str]
) -> None:
    visitor = enter(scene, role=role)
    for path in expected:
        if path in OF_HR:
            continue  # nobody can be enrolled from this scene
        page = visitor.get(path)
        assert page.status_code == 200
        links = re.findall(r'navigation-link" href="([^"]+)"( aria-current="true")?', page.text)
        assert [link for link, _ in links] == expected
        assert [link for link, current in links if current] == [path]
