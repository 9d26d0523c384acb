"""Every page in each of its states, as one leader would see them."""

from datetime import date, timedelta

import httpx2

from models.tables import MailItemRow
from tests.builders import at, build_enrolment, build_leader, keep_enrolment
from tests.integration.web.scene import RESOURCE, Scene


def fill(scene: Scene) -> int:
    """Four more weeks of mail: tips, a question about something to read; gives the number of the last mail."""
    mail_id = 0
    for week in range(1, 5):
        on = date(2027, 1, 12) + timedelta(weeks=week)
        sent = at(f"{on} 08:30")
        mail_id = scene.add_mail(
            ordinal=week + 1, state="sent", slot=sent, ended_at=sent, local_date=on, subject=f"Week {week + 1}"
        )
        with scene.database.sessions.begin() as session:
            new = MailItemRow(mail_id=mail_id, position=0, item="listen-first", kind="tip", placed="new")
            session.add(new)
            asked = {"item": "short-report", "kind": "resource", "placed": "prompt", "question": "application"}
            session.add(MailItemRow(mail_id=mail_id, position=1, **asked))
    scene.now = at("2027-02-10 13:00")
    return mail_id


def fresh(scene: Scene) -> str:
    """The path of "my 100 days" by a fresh link."""
    until = int(scene.now.timestamp()) + 1800
    return scene.path("m", scene.enrolment_id, scene.mail_id, until)


def _kims_data(scene: Scene) -> str:
    """The same of somebody else, whom nobody needs any more."""
    kim = build_leader(key="kim@example.org", email="kim@example.org", name="Kim Example")
    with scene.database.sessions.begin() as session:
        enrolment_id = keep_enrolment(session, build_enrolment(leader=kim)).id
    return scene.path("d", enrolment_id, 0, int(scene.now.timestamp()) + 1800)


def _write(scene: Scene) -> str:
    """Two notes; gives the path of the page that shows them."""
    for text, about in (("Ring the council.\nAsk first.", "listen-first"), ("Less talk.", "")):
        scene.press(fresh(scene), write="yes", text=text, about=about)
    return fresh(scene)


def hang(scene: Scene) -> dict[str, httpx2.Response]:
    """The pages by name, in an order in which one leader can come to see them."""
    last = fill(scene)
    reading = scene.path("a", last, 1)
    pages = {
        "start": scene.get("/"),
        "privacy": scene.get("/privacy"),
        "accessibility": scene.get("/accessibility"),
        "unknown": scene.get("/nowhere"),
        "not possible": scene.browser.post("/"),
        "question": scene.get(scene.question()),
        "question about reading": scene.get(reading),
        "check-in": scene.get(scene.check_in),
        "preferences": scene.get(scene.preferences),
        "leaving": scene.get(scene.leaving),
        "my days": scene.get(scene.my_days),
        "kept": scene.press(scene.my_days, keep="share-early"),
        "link on its way": scene.press(scene.my_days, send="notes"),
        "my days with notes": scene.get(_write(scene)),
        "note of nothing": scene.press(fresh(scene), write="yes", text=" "),
        "no such tip": scene.press(scene.my_days, keep="nothing"),
        "stale": scene.press(scene.question(), nonce="x", answer="using"),
        "thanks": scene.press(scene.question(), answer="using"),
        "answered": scene.get(scene.question()),
        "not read": scene.press(reading, answer="unread"),
        "too long": scene.press(scene.check_in, done="yes", text="long " * 400),
        "too much": scene.press(scene.check_in, pace="light"),
        "checked in": scene.press(scene.check_in, done="yes", text="I listen too little."),
        "no days": scene.press(scene.preferences, action="days", days=[], send_at="08:30"),
        "no hour": scene.press(scene.preferences, action="days", days=["0"], send_at="noon"),
        "unwise": scene.press(scene.preferences, action="pause", until="2020-01-01"),
        "asked": scene.press(scene.preferences, action="correct", role="director", start_date="2027-02-01"),
        "asked in vain": scene.press(scene.preferences, action="correct", role="emperor"),
        "not tracked": scene.press(scene.preferences, action="tracking", tracking="off"),
        "paused": scene.press(scene.preferences, action="pause"),
        "my days in a pause": scene.get(scene.my_days),
        "link to my data": scene.press(scene.preferences, action="my-data"),
        "my data": scene.get(scene.my_data()),
        "my data too late": scene.get(scene.my_data(seconds=0)),
        "my data pressed too late": scene.press(scene.my_data(seconds=0), action="download"),
        "erasing asked": scene.press(scene.my_data(), action="erase"),
        "left": scene.press(scene.preferences, action="leave", why="known"),
        "thanks after leaving": scene.press(scene.question(), answer="nearly"),
        "left by one click": scene.browser.post(scene.leaving, data={"List-Unsubscribe": "One-Click"}),
        "leaving misunderstood": scene.browser.post(scene.leaving, data={}),
    }
    programmes = dict(scene.programmes)
    scene.programmes.clear()
    pages["trap"] = scene.get(scene.path("t", scene.mail_id))
    pages["gone"] = scene.get(scene.path("l", scene.mail_id, RESOURCE))
    scene.programmes.update(programmes)
    if scene.site.erasing is not None:
        pages["erased"] = scene.press(_kims_data(scene), action="erase-now")
    return pages
