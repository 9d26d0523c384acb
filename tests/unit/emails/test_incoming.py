"""Mail that came in is read whatever it looks like: who wrote it, in which words, in reply to what."""

from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emails.incoming import READ_BYTES, Incoming, read_incoming
from tests.replies import OURS, QUOTED, write_reply


def read(raw: bytes, *, envelope_sender: str | None = "sam.sample@example.org") -> Incoming:
    return read_incoming(raw, envelope_sender=envelope_sender)


# ---------------------------------------------------------------- who, and in reply to what


def test_a_reply_says_who_wrote_it_and_what_it_answers() -> None:
    mail = read(write_reply("knew it"))
    assert (mail.kind, mail.sender, mail.refers_to[0]) == ("reply", "sam.sample@example.org", OURS)
    assert (mail.name, mail.subject, mail.own_words) == (
        "<reply-1@mail.example.org>",
        "Re: About listen-first",
        "knew it",
    )


def test_what_is_replied_to_comes_first_then_the_newest_reference() -> None:
    mail = read(write_reply("x", headers={"In-Reply-To": "<c@x>", "References": "<a@x>\r\n <b@x> <c@x>"}))
    assert mail.refers_to == ("<c@x>", "<b@x>", "<a@x>")


@pytest.mark.parametrize("sender", ["", "a@example.org, b@example.org", "nobody"])
def test_a_mail_from_nobody_or_from_several_has_no_sender(sender: str) -> None:
    assert "@" not in read(write_reply("x", headers={"From": sender})).sender


def test_a_mail_without_a_message_id_has_the_same_name_when_it_comes_again_by_another_way() -> None:
    first = write_reply("stop", headers={"Message-ID": None})
    again = b"Received: from elsewhere\r\n" + first
    other = write_reply("pause", headers={"Message-ID": None})
    assert read(first).name == read(again).name != read(other).name


def test_the_address_for_reports_tells_which_mail_is_meant() -> None:
    token = "abcdefghijklmnopqrstuvwxyz234567"
    mail = read_incoming(write_reply("x"), envelope_sender="", recipients=(f"Bounce+{token}@example.org", "a@b.org"))
    assert mail.addressed == (token,)


# ---------------------------------------------------------------- the words


def test_only_html_is_read_as_text() -> None:
    body = f"<p>1 knew&nbsp;it</p><p>2 <b>forgot</b></p>{QUOTED}"
    html = f"<html><head><style>p {{}}</style></head><body>{body}</body></html>"
    assert read(write_reply(html=html)).own_words.split() == ["1", "knew", "it", "2", "forgot"]


@pytest.mark.parametrize("charset", ["utf-8", "iso-8859-15", "windows-1252", "utf-16"])
def test_words_in_any_charset_are_read(charset: str) -> None:
    message = EmailMessage()
    message.set_content("x")
    message.set_payload("I’d like to pause – now".encode(charset, "replace"))
    message.set_param("charset", charset)
    assert "like to pause" in read(message.as_bytes()).own_words


@pytest.mark.parametrize("charset", ["x-unknown", "", "zlib", "idna", "undefined", "unicode_escape", "\0", "utf-8\xff"])
def test_an_impossible_charset_is_read_as_near_as_can_be(charset: str) -> None:
    raw = f'From: a@example.org\r\nContent-Type: text/plain; charset="{charset}"\r\n\r\nstop\r\n'
    assert read(raw.encode("utf-8")).own_words == "stop"


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\0",
        b"no headers at all",
        b"From: \xff\xfe <a@example.org>\r\nSubject: =?utf-8?b?////=?= =?x?q?=\r\n\r\n\xff\xfe",
        b"Content-Type: multipart/mixed\r\n\r\n--\r\n--",
        b"Content-Type: multipart/mixed; boundary=a\r\n\r\n--a\r\n\r\n",
        b"Content-Type: text/plain\r\nContent-Transfer-Encoding: base64\r\n\r\n!!!=",
        b"Content-Type: text/plain\r\nContent-Transfer-Encoding: x-uuencode\r\n\r\nbegin 666 x\r\n#",
        b"Content-Type: message/rfc822\r\n\r\nSubject: stop\r\n\r\nstop",
        b"Content-Type: text/html\r\n\r\n<!DOCTYPE<![CDATA[<p",
        b"References: " + b"<a@b> " * 100_000 + b"\r\n\r\nx",
        b"".join(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(3000)),
        b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--b\r\n\r\nx\r\n" * 20_000,
        b"Content-Type: text/html\r\n\r\n" + b"<div>" * 100_000,
        b"Content-Type: message/rfc822\r\n\r\n" * 7000,
        b"Content-Type: Message/rfc822\n\n" * 7000,
        b"From: " + b"(" * 3900 + b"\r\nTo: " + b"<" * 3900 + b"\r\n\r\n",
    ],
    ids=range(17),
)
def test_broken_mails_say_nothing(raw: bytes) -> None:
    mail = read(raw)
    assert mail.kind == "reply"
    assert mail.name


def test_attachments_and_forwarded_mails_are_not_the_senders_words() -> None:
    message = EmailMessage()
    message["From"] = "sam.sample@example.org"
    message.add_attachment("stop", filename="stop.txt")
    other = EmailMessage()
    other.set_content("stop")
    message.add_attachment(other)
    assert read(message.as_bytes()).own_words == ""


def test_of_a_huge_mail_the_beginning_is_read() -> None:
    message = EmailMessage()
    message["From"] = "sam.sample@example.org"
    message.set_content("forgot")
    message.add_attachment(b"\0" * 2 * READ_BYTES, maintype="image", subtype="png")
    assert read(message.as_bytes()).own_words == "forgot"


@given(st.binary(max_size=2000))
def test_any_bytes_are_read(raw: bytes) -> None:
    read(raw, envelope_sender=None)


HEADERS = st.sampled_from(
    [
        "From",
        "Subject",
        "Message-ID",
        "In-Reply-To",
        "References",
        "Content-Type",
        "Return-Path",
        "To",
        "Auto-Submitted",
    ]
)
VALUES = st.one_of(
    st.text(max_size=60),
    st.sampled_from(
        [
            "multipart/mixed; boundary=a",
            "text/html; charset=utf-7",
            "=?utf-8?q?=?=",
            "<a@b>",
            "text/plain; charset*=x''y",
        ]
    ),
)


@given(
    st.lists(st.tuples(HEADERS, VALUES), max_size=8),
    st.text(max_size=200),
    st.sampled_from(["utf-8", "utf-16", "cp037"]),
)
def test_any_headers_over_any_words_are_read(headers: list[tuple[str, str]], words: str, charset: str) -> None:
    head = "".join(f"{name}: {value}\r\n" for name, value in headers)
    mail = read(
        head.encode("utf-8", "replace") + b"\r\n--a\r\n\r\n" + words.encode(charset, "replace"), envelope_sender=None
    )
    for told in (mail.name, mail.sender, mail.subject, mail.own_words, mail.all_words, *mail.refers_to):
        told.encode("utf-8")


@pytest.mark.parametrize(
    ("told", "forged"),
    [
        ("mx.example.org; spf=pass; dkim=none; DMARC=fail (p=none) header.from=example.org", True),
        ("mx.example.org; dmarc = fail", True),
        ("mx.example.org; spf=fail; dmarc=pass", False),
        ("mx.example.org; x-dmarc=failure", False),
    ],
)
def test_a_mail_server_may_have_found_that_the_sender_is_forged(told: str, *, forged: bool) -> None:
    assert read(write_reply("stop", headers={"Authentication-Results": told})).forged is forged


# ---------------------------------------------------------------- machines


@pytest.mark.parametrize(
    ("headers", "kind"),
    [
        ({"Auto-Submitted": "auto-replied (vacation)"}, "automatic"),
        ({"Auto-Submitted": "no"}, "reply"),
        ({"Precedence": "bulk"}, "automatic"),
        ({"X-Autoreply": "yes"}, "automatic"),
        ({"List-Id": "<people.example.org>"}, "automatic"),
        ({"From": "no-reply@example.org"}, "automatic"),
        ({"From": "MAILER-DAEMON@mail.example.org"}, "report"),
        ({"Subject": "Automatic reply: About listen-first"}, "reply"),
        ({"Subject": "Automatic reply: About listen-first", "X-Auto-Response-Suppress": "All"}, "automatic"),
        ({"Subject": "Réponse automatique : x", "X-MS-Exchange-Inbox-Rules-Loop": "x"}, "automatic"),
        ({"Content-Type": "multipart/report; report-type=delivery-status; boundary=a"}, "report"),
        ({"Content-Type": "multipart/report; report-type=disposition-notification; boundary=a"}, "automatic"),
        ({"Return-Path": "<>"}, "automatic"),
        ({"Return-Path": "<sam.sample@example.org>"}, "reply"),
    ],
)
def test_a_machine_is_told_from_a_person(headers: dict[str, str], kind: str) -> None:
    assert read(write_reply("I am away", headers=headers), envelope_sender=None).kind == kind


def test_nobody_in_the_envelope_is_a_machine() -> None:
    assert read(write_reply("I am away"), envelope_sender="").kind == "automatic"
