"""A mail's bytes: read back by the standard library they say what was put in."""

from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.message import EmailMessage
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emails.mime import write_mailbox, write_message, write_words
from emails.problems import ComposeError

printable = st.text(st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp")), max_size=120)
bodies = st.text(st.characters(exclude_categories=("Cc", "Cs"), include_characters="\n\t"), max_size=400)


def parse(message: bytes) -> EmailMessage:
    return message_from_bytes(message, policy=policy.default)


def write(text: str = "Words", html: str = "<p>Words</p>", subject: str = "A subject") -> bytes:
    return write_message([("Subject", write_words(subject, where="Subject"))], text=text, html=html, seed="<1@x>")


def part(message: bytes, subtype: str) -> str:
    found = parse(message).get_body((subtype,))
    assert found is not None
    return cast(str, found.get_content()).replace("\r\n", "\n")


def test_a_message_is_exactly_these_bytes() -> None:
    assert write(text="Café\n.\nfrom", subject="A") == (
        b"Subject: A\r\n"
        b"MIME-Version: 1.0\r\n"
        b'Content-Type: multipart/alternative;\r\n boundary="=_3c13d06da6c4cddd145d1e5b"\r\n'
        b"\r\n"
        b"--=_3c13d06da6c4cddd145d1e5b\r\n"
        b"Content-Type: text/plain; charset=utf-8\r\n"
        b"Content-Transfer-Encoding: quoted-printable\r\n"
        b"\r\n"
        b"Caf=C3=A9\r\n=2E\r\nfrom\r\n"
        b"\r\n"
        b"--=_3c13d06da6c4cddd145d1e5b\r\n"
        b"Content-Type: text/html; charset=utf-8\r\n"
        b"Content-Transfer-Encoding: quoted-printable\r\n"
        b"\r\n"
        b"<p>Words</p>\r\n"
        b"\r\n"
        b"--=_3c13d06da6c4cddd145d1e5b--\r\n"
    )


@given(bodies, bodies)
def test_both_parts_come_back_as_written(text: str, html: str) -> None:
    message = write(text=text, html=html)
    assert part(message, "plain").rstrip("\n") == text.rstrip("\n")
    assert part(message, "html").rstrip("\n") == html.rstrip("\n")


@given(bodies, printable)
def test_every_line_ends_in_crlf_is_ascii_and_keeps_to_its_width(text: str, subject: str) -> None:
    message = write(text=text, subject=subject)
    lines = message.split(b"\r\n")
    assert all(b"\n" not in line and b"\r" not in line and line.isascii() for line in lines)
    assert all(len(line) <= 76 for line in lines)


@given(printable)
def test_a_subject_comes_back_as_written_with_blanks_made_single(subject: str) -> None:
    assert parse(write(subject=subject))["Subject"] == " ".join(subject.split())


def test_a_subject_that_looks_encoded_is_not_decoded() -> None:
    assert parse(write(subject="=?utf-8?q?hello?="))["Subject"] == "=?utf-8?q?hello?="


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("First100", "First100 <a@example.org>"),
        ("", "a@example.org"),
        ("Smith, Ann (HR)", '"Smith, Ann (HR)" <a@example.org>'),
        ('A "B" \\ C', '"A \\"B\\" \\\\ C" <a@example.org>'),
        ("Zoë", "=?utf-8?b?Wm/Dqw==?= <a@example.org>"),
    ],
)
def test_a_mailbox_is_written_with_its_name(name: str, written: str) -> None:
    assert write_mailbox(name, "a@example.org", where="From") == written


def fits_one_encoded_word(name: str) -> bool:
    """The standard library puts blanks between the words of a longer name when it reads it."""
    return name == " ".join(name.split()) and len(name.encode()) <= 39


@given(printable.filter(fits_one_encoded_word))
def test_a_mailbox_comes_back_as_written(name: str) -> None:
    headers = [("To", write_mailbox(name, "a@example.org", where="To"))]
    to = parse(write_message(headers, text="x", html="x", seed="s"))["To"]
    assert [(address.display_name, address.addr_spec) for address in to.addresses] == [(name, "a@example.org")]


def test_a_long_name_is_cut_into_encoded_words_between_characters() -> None:
    written = write_mailbox("Zoë " * 20, "a@example.org", where="To")
    assert str(make_header(decode_header(written))) == "Zoë " * 19 + "Zoë <a@example.org>"


@pytest.mark.parametrize("bad", ["\r", "\n", "\0", "\x1b", "\x7f", "\x85", "\u2028"])
def test_a_control_character_in_a_header_is_refused(bad: str) -> None:
    with pytest.raises(ComposeError, match=r"^Subject: the control character"):
        write_words(f"a{bad}b", where="Subject")
    with pytest.raises(ComposeError, match=r"^To: the control character"):
        write_mailbox(f"a{bad}b", "a@example.org", where="To")
    with pytest.raises(ComposeError, match=r"^X-Test: the control character"):
        write_message([("X-Test", f"a{bad}b")], text="x", html="x", seed="s")
    with pytest.raises(ComposeError, match=r"^To: .* is no address"):
        write_mailbox("A", f"a{bad}@example.org", where="To")


def test_control_characters_in_a_body_are_refused_save_tabs_and_line_ends() -> None:
    with pytest.raises(ComposeError, match=r"the plain part: the control character U\+0000"):
        write(text="a\0b")
    assert part(write(text="a\tb\r\nc\rd"), "plain") == "a\tb\nc\nd\n"


def test_half_a_character_is_refused() -> None:
    with pytest.raises(ComposeError, match="half a character"):
        write(text="\ud83d")
    with pytest.raises(ComposeError, match="half a character"):
        write(subject="\ud83d")


def test_a_header_that_is_not_ascii_is_refused() -> None:
    with pytest.raises(ComposeError, match="cannot be written"):
        write_message([("X-Test", "é")], text="x", html="x", seed="s")


def test_the_boundary_follows_the_seed() -> None:
    one = write_message([], text="x", html="x", seed="1")
    assert one == write_message([], text="x", html="x", seed="1")
    assert one != write_message([], text="x", html="x", seed="2")
