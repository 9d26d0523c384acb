"""The bytes of the mails, as the standards for them ask: lines, headers, parts, encodings."""

import re
from collections import Counter
from collections.abc import Iterator
from email.utils import parsedate_to_datetime
from typing import Final

import pytest

from tests.integration.mail.gallery import Mail, write_gallery, write_rehearsal
from tests.integration.mail.variants import LONGEST_URL

ONCE: Final = {
    *("From", "To", "Reply-To", "Subject", "Date", "Message-ID", "MIME-Version", "Content-Type"),
    *("Auto-Submitted", "X-Auto-Response-Suppress", "Feedback-ID"),
}
OF_A_MACHINE: Final = {
    "Auto-Submitted": "auto-generated",
    "X-Auto-Response-Suppress": "All",
    "Feedback-ID": r"[a-z0-9_-]+:(first-100-days:(nudge|notice)|(hr|admin):digest):first100",
}
OF_A_LIST: Final = {
    "List-Id": r"<first-100-days\.example\.org>",
    "List-Unsubscribe": rf"<{LONGEST_URL}/u/[\w-]+>, <mailto:first100@example\.org\?subject=unsubscribe%20[\w-]+>",
    "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
}
MESSAGE_ID = re.compile(r"<[a-z0-9.]{10,60}@example\.org>")
QUOTED_PRINTABLE = re.compile(rb"(?:[!-<>-~ \t]|=[0-9A-F]{2})*(?:[!-<>-~]|=[0-9A-F]{2}|=|^)")  # of one line


@pytest.fixture(scope="module")
def mails() -> tuple[Mail, ...]:
    return (*write_gallery(), *write_rehearsal())


def split_message(mail: Mail) -> tuple[list[bytes], list[bytes]]:
    """The lines of the head and those below it."""
    head, _, body = mail.composed.message.partition(b"\r\n\r\n")
    return head.split(b"\r\n"), body.split(b"\r\n")


def list_bodies(mail: Mail) -> Iterator[bytes]:
    """Each part as it is encoded, without its own head."""
    boundary = mail.parsed.get_boundary()
    if boundary is None:
        yield mail.composed.message.partition(b"\r\n\r\n")[2]
        return
    pieces = mail.composed.message.split(b"\r\n--" + boundary.encode())
    assert pieces[-1] == b"--\r\n"
    for piece in pieces[1:-1]:
        yield piece.removeprefix(b"\r\n").partition(b"\r\n\r\n")[2]


# ---------------------------------------------------------------- lines


def test_lines_end_in_crlf_and_hold_seven_bits(mails: tuple[Mail, ...]) -> None:
    assert [mail.name for mail in mails if re.search(rb"[^\r]\n|\r[^\n]|[^\r\n -~]", mail.composed.message)] == []


def test_a_header_is_folded_wherever_it_is_longer_than_78_characters(mails: tuple[Mail, ...]) -> None:
    for mail in mails:
        head, _ = split_message(mail)
        assert max(map(len, head)) <= 998, mail.name
        for line in head:
            assert len(line) <= 78 or b" " not in line.removeprefix(b" ").partition(b": ")[2], (mail.name, line)


def test_no_line_of_a_header_is_blank(mails: tuple[Mail, ...]) -> None:
    assert [mail.name for mail in mails for line in split_message(mail)[0] if not line.strip()] == []


def test_no_line_below_the_head_is_longer_than_76_characters(mails: tuple[Mail, ...]) -> None:
    assert [mail.name for mail in mails if max(map(len, split_message(mail)[1])) > 76] == []


# ---------------------------------------------------------------- headers


def test_each_header_stands_once_and_no_other_does(mails: tuple[Mail, ...]) -> None:
    for mail in mails:
        expected = ONCE if mail.variant.to_hr else {*ONCE, *OF_A_LIST}
        encoded = {"Content-Transfer-Encoding"} if mail.is_plain else set[str]()
        assert Counter(mail.parsed.keys()) == Counter(expected | encoded), mail.name


def test_each_mail_has_one_sender_and_one_reader(mails: tuple[Mail, ...]) -> None:
    for mail in mails:
        senders, readers = mail.parsed["From"].addresses, mail.parsed["To"].addresses
        assert [sender.addr_spec for sender in senders] == ["first100@example.org"], mail.name
        assert [reader.addr_spec for reader in readers] == [mail.variant.recipient], mail.name
        name = "" if mail.variant.to_hr else mail.variant.enrolment.leader.name
        assert "".join(readers[0].display_name.split()) == "".join(name.split()), mail.name


def test_each_mail_says_that_a_machine_sent_it_on_which_list_and_how_to_leave(mails: tuple[Mail, ...]) -> None:
    for mail in mails:
        patterns = OF_A_MACHINE if mail.variant.to_hr else OF_A_MACHINE | OF_A_LIST
        for name, pattern in patterns.items():
            assert re.fullmatch(pattern, mail.parsed[name]), (mail.name, mail.parsed[name])


def test_each_mail_has_a_message_id_of_its_own_in_the_senders_domain(mails: tuple[Mail, ...]) -> None:
    names = [str(mail.parsed["Message-ID"]) for mail in mails]

    assert [name for name in names if not MESSAGE_ID.fullmatch(name)] == []
    assert len(set(names)) == len(names)


def test_a_mail_is_dated_with_the_instant_it_leaves(mails: tuple[Mail, ...]) -> None:
    assert [mail.name for mail in mails if parsedate_to_datetime(mail.parsed["Date"]) != mail.variant.leaves_at] == []


def test_a_mail_program_finds_no_defect(mails: tuple[Mail, ...]) -> None:
    for mail in mails:
        for part in mail.parsed.walk():
            assert part.defects == [], mail.name
            assert [value for value in part.values() if getattr(value, "defects", ())] == [], mail.name


# ---------------------------------------------------------------- parts


def test_the_text_comes_before_the_html_and_nothing_else_comes(mails: tuple[Mail, ...]) -> None:
    text, html = [(f"text/{kind}", "utf-8", "quoted-printable") for kind in ("plain", "html")]
    for mail in mails:
        kinds = [
            (part.get_content_type(), part.get_content_charset(), part["Content-Transfer-Encoding"])
            for part in mail.parsed.walk()
        ]
        assert kinds == ([text] if mail.is_plain else [("multipart/alternative", None, None), text, html]), mail.name


def test_the_boundary_is_no_text_of_a_part(mails: tuple[Mail, ...]) -> None:
    for mail in mails:
        boundary = mail.parsed.get_boundary()
        assert mail.is_plain or boundary, mail.name
        assert not boundary or mail.composed.message.count(boundary.encode()) == 4, mail.name


def test_the_parts_are_quoted_printable_to_the_letter(mails: tuple[Mail, ...]) -> None:
    for mail in mails:
        lines = [line for body in list_bodies(mail) for line in body.split(b"\r\n")]
        assert [line for line in lines if not QUOTED_PRINTABLE.fullmatch(line)] == [], mail.name


def test_both_parts_arrive_as_they_were_written(mails: tuple[Mail, ...]) -> None:
    for mail in mails:
        assert mail.text.rstrip("\n") == mail.composed.text.rstrip("\n"), mail.name
        assert mail.page.html.rstrip("\n") == mail.composed.html.rstrip("\n"), mail.name
