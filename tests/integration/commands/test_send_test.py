"""`send-test` as people call it: one marked mail through a real mail server, with links that record nothing."""

import asyncio
import re
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import parsedate_to_datetime

import httpx2
import pytest

from commands.opening import open_house
from rehearsal.mailbox import read_mailbox
from tests.integration.commands.house import House
from tests.mail_server import DROP, Inbox, ScriptedServer, serving
from web.app import create_app

ASKED = ("send-test", "robin@example.org", "--item", "share-risk-early", "--role", "chair")


def send(house: House, inbox: Inbox, *more: str) -> EmailMessage:
    with serving(inbox) as port:
        outcome = house.run(*ASKED, *more, environ={"FIRST100_MAIL": f"smtp://127.0.0.1:{port}"})
    assert outcome.code == 0, outcome.err
    content = inbox.received[-1].content
    assert isinstance(content, bytes)
    return message_from_bytes(content, policy=policy.default)


def test_one_mail_goes_to_the_address_asked_for_and_is_marked_as_a_test(house: House) -> None:
    inbox = Inbox()
    mail = send(house, inbox)
    assert [envelope.rcpt_tos for envelope in inbox.received] == [["robin@example.org"]]
    assert str(mail["Subject"]) == "[Test] The risk your neighbours should hear about"
    assert "robin@example.org" in str(mail["To"])
    assert parsedate_to_datetime(str(mail["Date"])) == house.now
    text = mail.get_body(("plain",))
    assert text is not None
    assert "Your partners will find out in the end." in str(text.get_content())


def test_the_same_test_again_is_another_mail(house: House) -> None:
    inbox = Inbox()
    first = send(house, inbox)["Message-ID"]
    house.now = house.now.replace(minute=1)
    assert send(house, inbox)["Message-ID"] != first


def test_it_says_where_the_mail_went_and_never_the_password(house: House) -> None:
    inbox = Inbox()
    with serving(inbox) as port:
        outcome = house.run(*ASKED, environ={"FIRST100_MAIL": f"smtp://127.0.0.1:{port}"})
    assert outcome.out == (
        "“[Test] The risk your neighbours should hear about” went to robin@example.org through "
        f"smtp://127.0.0.1:{port}, which said: 250 2.0.0 taken\n"
    )
    refused = house.run(*ASKED, environ={"FIRST100_MAIL": "smtp://first100:hush@127.0.0.1:9"})
    assert (refused.code, refused.out, len(refused.err.splitlines())) == (3, "", 1)
    assert refused.err.startswith(
        "the mail to robin@example.org through smtp://first100:***@127.0.0.1:9 was not sent: "
    )
    assert "hush" not in refused.err


def test_as_json_it_tells_the_same(house: House) -> None:
    document = house.run(*ASKED, "--json").document
    assert (document["to"], document["item"], document["role"]) == ("robin@example.org", "share-risk-early", "chair")
    assert document["through"] == f"maildir:{house.folder / 'var' / 'mailbox'}"
    assert [mail.subject for mail in read_mailbox(house.mailbox)] == [document["subject"]]


def test_a_server_that_refuses_is_a_failure_of_the_service(house: House) -> None:
    with ScriptedServer(answers={"RCPT": "550 5.1.1 nobody here"}) as server:
        outcome = house.run(*ASKED, environ={"FIRST100_MAIL": f"smtp://127.0.0.1:{server.port}"})
    assert (outcome.code, outcome.out, len(outcome.err.splitlines())) == (3, "", 1)
    assert "550 5.1.1 nobody here" in outcome.err


def test_no_link_of_it_is_taken_by_the_service(house: House) -> None:
    house.run(*ASKED)
    (mail,) = read_mailbox(house.mailbox)
    ours = sorted(set(re.findall(r"http://127\.0\.0\.1:8100/[\w/.-]+", mail.html + mail.text)))
    assert ours
    assert all(link.startswith("http://127.0.0.1:8100/test/") and len(link) <= 80 for link in ours)
    tokens = [link.partition("/test")[2] for link in ours]
    assert asyncio.run(_press(house, [f"/test{token}" for token in tokens] + tokens)) == {404}


async def _press(house: House, paths: list[str]) -> set[int]:
    """How the service answers when these are opened and pressed."""
    with open_house(house.wiring()) as opened:
        transport = httpx2.ASGITransport(app=create_app(opened.site))
        async with httpx2.AsyncClient(transport=transport, base_url="http://127.0.0.1:8100") as client:
            opened_ones = [(await client.get(path)).status_code for path in paths]
            pressed = [(await client.post(path, data={"answer": "using", "nonce": "n"})).status_code for path in paths]
    return {*opened_ones, *pressed}


def test_no_database_is_opened_and_no_leader_touched(house: House) -> None:
    house.run(*ASKED)
    assert {path.name for path in (house.folder / "var").iterdir()} == {"mailbox"}


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["--item", "share-risk-erly", "--role", "chair"], 1, "did you mean share-risk-early?"),
        (["--item", "share-risk-early", "--role", "chiar"], 1, "there is no role 'chiar'"),
        (["--item", "share-risk-early"], 2, "Missing option '--role'"),
        (["--item", "share-risk-early", "--role", "chair", "--start", "soon"], 2, "'soon' is no date"),
    ],
)
def test_what_makes_no_sense_is_refused_before_anything_is_sent(
    house: House, arguments: list[str], code: int, words: str
) -> None:
    outcome = house.run("send-test", "robin@example.org", *arguments)
    assert (outcome.code, outcome.out) == (code, "")
    assert words in outcome.err
    assert not house.mailbox.exists()


def test_what_is_no_address_is_refused(house: House) -> None:
    outcome = house.run("send-test", "-robin@example.org", "--item", "welcome", "--role", "chair")
    assert outcome.code == 2
    outcome = house.run("send-test", "robin at example.org", "--item", "welcome", "--role", "chair")
    assert (outcome.code, outcome.err) == (1, "'robin at example.org' is no address to send mail to\n")


def test_a_message_that_may_have_arrived_is_said_to_be_so(house: House) -> None:
    with ScriptedServer(answers={".": DROP}) as server:
        outcome = house.run(*ASKED, environ={"FIRST100_MAIL": f"smtp://127.0.0.1:{server.port}"})
    assert (outcome.code, outcome.out) == (3, "")
    assert "may have arrived or not" in outcome.err
