"""Replies come in, and each does once what it says: for the leader's mail, by the leader's address, or not at all."""

from datetime import date
from threading import Thread

import pytest

from models.database import Database
from models.memories import read_memories
from models.tables import AttemptRow, MailRow
from scheduler.evidence import grade_mail
from tests.builders import at, build_entry
from tests.integration.replies.stage import SAM, Stage, open_stage, rename_mail
from tests.replies import OURS, TAIL, write_reply

ONE = ("listen-first", "tip", "recall")
CHECK_IN = ("check-in-30", "check-in", "")


@pytest.fixture
def stage(database: Database) -> Stage:
    return open_stage(database)


# ---------------------------------------------------------------- answers


def test_answers_count_as_pressed_ones_and_are_told_back(stage: Stage) -> None:
    assert stage.reply("1 knew it, 2 not read yet") == "answer"
    evidence = grade_mail(stage.events(), accepted_at=at("2027-01-12 08:30"), links=3)
    assert (dict(evidence.answers), set(evidence.unread), evidence.grade) == ({1: "using"}, {2}, "answered")
    assert [hit.credence for hit in evidence.hits] == ["human", "human"]
    assert [event.value["how"] for event in stage.events()] == ["mail", "mail"]
    assert stage.notices() == [
        (
            SAM,
            {
                "says": "answered",
                "given": "listen-first|recall|using\nshort-report|application|unread",
            },
        )
    ]
    with stage.database.reading() as session:
        assert read_memories(session, [stage.enrolment_id])


def test_an_answer_drops_the_nudge_that_was_planned_without_it(stage: Stage) -> None:
    later = at("2027-01-15 08:30")
    with stage.database.sessions.begin() as session:
        planned = MailRow(kind="nudge", recipient=SAM, enrolment_id=stage.enrolment_id, ordinal=2, state="planned")
        planned.slot = planned.not_before = later
        planned.created_at = at("2027-01-12 09:00")
        session.add(planned)
        session.flush()
        number = planned.id
    stage.reply("2 nearly")
    with stage.database.reading() as session:
        assert session.get(MailRow, number) is None


def test_the_last_answer_counts_and_is_told_back_once_a_day(stage: Stage) -> None:
    stage.reply("1 forgot")
    stage.wait(hours=1)
    stage.reply("1 knew it")
    assert (stage.answers(), stage.told()) == ({1: "using"}, ["answered"])
    stage.wait(hours=24)
    stage.reply("1 nearly")
    assert (stage.answers(), stage.told()) == ({1: "nearly"}, ["answered", "answered"])


def test_one_word_answers_a_mail_with_one_question(database: Database) -> None:
    stage = open_stage(database, ONE)
    assert stage.reply("Knew it!") == "answer"
    assert stage.answers() == {1: "using"}


def test_a_check_in_is_done_when_its_leader_says_so(database: Database) -> None:
    stage = open_stage(database, CHECK_IN)
    assert stage.reply("done") == "check_in"
    assert grade_mail(stage.events(), accepted_at=None, links=1).checked_in
    assert stage.told() == ["checked_in"]


def test_done_means_nothing_where_no_check_in_was_asked_for(stage: Stage) -> None:
    assert stage.reply("done") == "not_understood"


# ---------------------------------------------------------------- choices


def test_a_pause_and_its_end(stage: Stage) -> None:
    assert stage.reply("pause two weeks") == "pause"
    assert stage.pauses() == [(date(2027, 1, 12), date(2027, 1, 25))]
    assert stage.notices() == [(SAM, {"says": "paused", "until": "2027-01-25"})]
    stage.wait(days=2)
    assert stage.reply("resume") == "resume"
    assert stage.pauses() == [(date(2027, 1, 12), date(2027, 1, 13))]
    assert stage.told() == ["resumed"]  # what was never sent of the pause holds no longer


@pytest.mark.parametrize("words", ["pause until 2027-01-11", "pause until 3 March 2029"])
def test_a_pause_that_makes_no_sense_is_not_made(stage: Stage, words: str) -> None:
    assert stage.reply(words) == "not_understood"
    assert (stage.pauses(), stage.events(), stage.told()) == ([], [], ["reply_not_understood"])


def test_leaving_and_coming_back(stage: Stage) -> None:
    assert stage.reply("stop") == "leave"
    assert (stage.stopped(), stage.told()) == ("withdrawn", ["left"])
    assert stage.reply("come back") == "return"
    assert (stage.stopped(), stage.told()) == (None, ["returned"])


def test_mail_programs_unsubscribe_by_mail_whoever_writes_for_them(stage: Stage) -> None:
    token = stage.token("u", stage.enrolment_id, stage.mail_id)
    headers = {"From": "robot@example.com", "Subject": f"unsubscribe {token}", "Auto-Submitted": "auto-generated"}
    raw = write_reply("", to="", headers={**headers, "In-Reply-To": None, "References": None})
    assert stage.take(raw, envelope_sender="") == "leave"
    assert (stage.stopped(), stage.notices()[0][0]) == ("withdrawn", SAM)


@pytest.mark.parametrize("token", ["x", "", "AAAAAAAAAAAAAAAAAAAAAAAA"])
def test_a_forged_token_unsubscribes_nobody(stage: Stage, token: str) -> None:
    stage.reply("", headers={"Subject": f"unsubscribe {token}", "From": "robot@example.com", "In-Reply-To": None})
    assert stage.stopped() is None


def test_a_token_for_something_else_unsubscribes_nobody(stage: Stage) -> None:
    token = stage.token("p", stage.enrolment_id, stage.mail_id)
    stage.reply("", headers={"Subject": f"unsubscribe {token}"})
    assert stage.stopped() is None


# ---------------------------------------------------------------- whose it is


def test_a_reply_from_elsewhere_does_nothing_and_its_leader_is_told(stage: Stage) -> None:
    assert stage.reply("stop", headers={"From": "somebody@example.com"}) == "not_understood"
    assert (stage.stopped(), stage.events()) == (None, [])
    assert stage.notices() == [(SAM, {"says": "reply_not_understood"})]


def test_a_reply_that_a_mail_server_found_forged_does_nothing_and_its_leader_is_told(stage: Stage) -> None:
    forged = {"Authentication-Results": "mx.example.org; dmarc=fail header.from=example.org"}
    assert stage.reply("stop", headers=forged) == "not_understood"
    assert (stage.stopped(), stage.told()) == (None, ["reply_not_understood"])
    assert stage.reply("stop", headers={**forged, "In-Reply-To": None, "References": None}) == "stranger"


def test_whoever_knows_the_address_alone_changes_nothing(stage: Stage) -> None:
    """The name of a mail holds a keyed hash, so its number does not give it away."""
    guessed = f"<{stage.mail_id}.ffffffffffffffffffffffff@example.org>"
    link = f"https://nudges.example.org/a/{'a' * 24}"
    assert stage.reply(f"stop\n> {link}", to=guessed) == "not_understood"
    assert (stage.stopped(), stage.events()) == (None, [])


def test_an_earlier_address_is_the_leaders_own(stage: Stage) -> None:
    stage.roster.append(build_entry(SAM, formerly=("Old@example.org",)))
    assert stage.reply("1 nearly", headers={"From": "old@example.org"}) == "answer"


def test_another_leaders_earlier_address_is_not(stage: Stage) -> None:
    stage.roster.append(build_entry("kim@example.org", formerly=("old@example.org",)))
    assert stage.reply("1 nearly", headers={"From": "old@example.org"}) == "not_understood"


def test_capitals_in_an_address_make_no_difference(stage: Stage) -> None:
    assert stage.reply("1 nearly", headers={"From": "Sam.Sample@EXAMPLE.org"}) == "answer"


def test_a_reply_whose_references_were_lost_is_known_by_a_link_it_quotes(stage: Stage) -> None:
    rename_mail(stage, "<other@relay.example.org>")
    link = stage.reception.links.url("a", stage.mail_id, 1)
    assert stage.reply(f"1 knew it\n{TAIL}> Answer:\n> {link}\n") == "answer"


def test_a_reply_to_nothing_is_not_understood(stage: Stage) -> None:
    assert stage.reply("stop", headers={"In-Reply-To": None, "References": None}) == "not_understood"
    assert (stage.stopped(), stage.told()) == (None, ["reply_not_understood"])


def test_mail_from_people_who_are_no_leaders_is_let_go(stage: Stage) -> None:
    for sender in ("somebody@example.com", "", "a@example.org, b@example.org"):
        headers = {"From": sender, "In-Reply-To": None, "References": None}
        assert stage.reply("stop", headers=headers) == "stranger"
    assert (stage.incoming(), stage.told()) == ([], [])


def test_what_hr_answers_to_a_request_is_no_reply_of_the_leaders(stage: Stage) -> None:
    ours = "<8.0123456789abcdef01234567@example.org>"
    with stage.database.sessions.begin() as session:
        mail = MailRow(kind="confirmation", recipient="hr@example.org", enrolment_id=stage.enrolment_id, state="sent")
        mail.slot = mail.not_before = mail.created_at = at("2027-01-12 08:30")
        mail.message_id = ours
        session.add(mail)
    assert stage.reply("done", to=ours, headers={"From": "hr@example.org"}) == "stranger"


# ---------------------------------------------------------------- not understood


def test_what_is_not_understood_is_answered_once_a_day_and_kept_nowhere(stage: Stage) -> None:
    secret = "My chair is impossible"
    for _ in range(3):
        assert stage.reply(secret) == "not_understood"
    assert stage.told() == ["reply_not_understood"]
    stage.wait(hours=25)
    stage.reply(secret)
    assert stage.told() == ["reply_not_understood"] * 2
    kept = repr([{name: value for name, value in vars(row).items() if name[0] != "_"} for row in stage.incoming()])
    assert "impossible" not in kept + repr(stage.events()) + repr(stage.notices())


def test_a_conversation_of_two_machines_ends_at_once(stage: Stage) -> None:
    """Whatever a machine that hides that it is one makes of our answers, it gets one a day."""
    for _ in range(50):
        stage.reply("I am away until Monday")
        stage.wait(minutes=10)
    assert stage.told() == ["reply_not_understood"]


# ---------------------------------------------------------------- machines


@pytest.mark.parametrize(
    "headers",
    [
        {"Auto-Submitted": "auto-replied"},
        {"Precedence": "junk"},
        {"Subject": "Automatic reply: x", "X-Auto-Response-Suppress": "All"},
        {"From": "first100@example.org"},
        {"From": "no-reply@example.org"},
    ],
)
def test_machines_are_let_go_without_an_answer(stage: Stage, headers: dict[str, str]) -> None:
    assert stage.reply("stop", headers=headers) == "automatic"
    assert (stage.incoming(), stage.events(), stage.told(), stage.stopped()) == ([], [], [], None)


def test_a_mail_from_nobody_is_let_go(stage: Stage) -> None:
    assert stage.take(write_reply("stop"), envelope_sender="") == "automatic"


# ---------------------------------------------------------------- delivery reports


def report(*lines: str) -> bytes:
    head = "From: MAILER-DAEMON@relay.example.org\r\nMessage-ID: <r1@relay.example.org>\r\n"
    head += 'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
    return (head + "--b\r\n\r\nNo such mailbox\r\n" + "\r\n".join(lines)).encode()


def test_a_report_is_kept_with_the_mail_it_is_about_and_answered_by_nobody(stage: Stage) -> None:
    address = f"bounce+{stage.token('b', stage.mail_id)}@example.org"
    raw = report("x" * 100_000)
    assert stage.take(raw, envelope_sender="", recipients=(address.upper(),)) == "report"
    (kept,) = stage.incoming()
    assert (kept.taken_as, kept.mail_id, kept.message) == ("report", stage.mail_id, raw[: 64 * 1024])
    assert stage.told() == []


def test_a_report_that_names_the_mail_it_is_about_is_kept_too(stage: Stage) -> None:
    assert stage.take(report(f"Message-ID: {OURS}"), envelope_sender="") == "report"
    assert stage.incoming()[0].mail_id == stage.mail_id


def test_a_report_on_another_mail_is_let_go(stage: Stage) -> None:
    assert stage.take(report("Message-ID: <9.0123456789abcdef01234567@example.org>"), envelope_sender="") == "stranger"


# ---------------------------------------------------------------- once


def test_the_same_mail_again_changes_nothing(stage: Stage) -> None:
    assert stage.reply("1 forgot", number=5) == "answer"
    assert stage.reply("1 knew it") == "answer"
    assert stage.reply("1 forgot", number=5) == "known"
    assert stage.answers() == {1: "using"}


def test_the_same_mail_at_the_same_time_is_one(stage: Stage) -> None:
    outcomes: list[str] = []
    threads = [Thread(target=lambda: outcomes.append(stage.reply("1 forgot", number=5))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["answer", *["known"] * 7]
    assert len(stage.events()) == 1


def test_a_reply_settles_a_doubt_whether_the_mail_arrived(stage: Stage) -> None:
    with stage.database.sessions.begin() as session:
        mail = session.get_one(MailRow, stage.mail_id)
        mail.state = "in_doubt"
        mail.ended_at = at("2027-01-12 08:31")
        session.add(AttemptRow(mail_id=mail.id, at=at("2027-01-12 08:31"), outcome="in_doubt", detail=""))
    stage.reply("pause")
    with stage.database.reading() as session:
        assert session.get_one(MailRow, stage.mail_id).state == "sent"
