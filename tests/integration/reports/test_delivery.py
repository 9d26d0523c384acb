import json
from typing import Any, get_args

from sqlalchemy import update

from models.database import Database
from models.domain import MailState
from models.tables import EnrolmentRow
from reports.delivery import read_delivery
from reports.render import build_document
from tests.builders import at
from tests.integration.reports.stage import build_context, enrol, keep_nudge, message

REFUSED = ("permanent", "550 no such mailbox")
PUT_OFF = ("temporary", "451 later")


def read_document(database: Database) -> dict[str, Any]:
    with database.reading() as session:
        return json.loads(json.dumps(build_document(read_delivery(session, build_context()))))


def test_an_empty_outbox_counts_zero_everywhere(database: Database) -> None:
    assert read_document(database) == {
        "as_of": "2027-02-08T12:00:00Z",
        "mails": {
            "planned": 0,
            "claimed": 0,
            "sending": 0,
            "sent": 0,
            "in_doubt": 0,
            "failed": 0,
            "failed_after_doubt": 0,
            "expired": 0,
            "cancelled": 0,
            "suppressed": 0,
        },
        "bounces": {"hard": 0, "soft": 0, "complaint": 0},
        "suppressed": [],
    }


def test_every_mail_counts_in_its_state_and_every_refusal_in_its_kind(database: Database) -> None:
    with database.sessions.begin() as session:
        enrolment = enrol(session)
        for state in get_args(MailState)[2:]:  # one nudge at most is open
            keep_nudge(session, enrolment, "2027-01-12", state=state)
        keep_nudge(session, enrolment, "2027-01-14", attempts=[PUT_OFF, PUT_OFF, ("sent", "250 ok")])
        keep_nudge(session, enrolment, "2027-01-19", state="failed", attempts=[PUT_OFF, REFUSED])
        keep_nudge(session, enrolment, "2027-01-21", state="in_doubt", attempts=[("in_doubt", "no answer")])
        keep_nudge(session, enrolment, "2027-01-21", kind="confirmation", attempts=[("not_composed", "no words")])
    assert read_document(database) == {
        "as_of": "2027-02-08T12:00:00Z",
        "mails": {
            "planned": 0,
            "claimed": 0,
            "sending": 1,
            "sent": 3,
            "in_doubt": 2,
            "failed": 2,
            "failed_after_doubt": 1,
            "expired": 1,
            "cancelled": 1,
            "suppressed": 1,
        },
        "bounces": {"hard": 1, "soft": 3, "complaint": 0},
        "suppressed": [],
    }


def test_the_addresses_of_suppressed_leaders_are_listed_in_order(database: Database) -> None:
    with database.sessions.begin() as session:
        for name in ("zoe", "anna", "fine", "left", "done"):
            enrolment = enrol(session, name)
            for on in ("2027-01-12", "2027-01-14", "2027-01-19")[: 2 if name == "fine" else 3]:
                keep_nudge(session, enrolment, on, state="failed", attempts=[REFUSED])
            if name == "left":
                left = update(EnrolmentRow).where(EnrolmentRow.id == enrolment.id)
                session.execute(left.values(left_at=at("2027-02-01 09:00")))
            if name == "done":
                keep_nudge(session, enrolment, "2027-01-05", message("closing-summary"))
    assert read_document(database)["suppressed"] == ["anna@example.org", "zoe@example.org"]
