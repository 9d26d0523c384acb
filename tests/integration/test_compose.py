"""Composed mails, read back as a mail program reads them: parts, headers, links, words, and what consent allows."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any, cast

import pytest

from config.load import load_programme
from config.settings import Settings
from emails.answer_names import ANSWER_NAMES
from emails.budgets import judge_length
from emails.compose import Composed, ComposeError, Composer
from emails.links import Links
from models.domain import (
    Enrolment,
    History,
    Notice,
    Opening,
    PlacedAs,
    PlannedItem,
    PlannedNudge,
    Programme,
    QuestionKind,
    Resource,
    SentItem,
    SentNudge,
    Tip,
    Wording,
)
from scheduler.planning import plan_ahead
from scheduler.replies import Answers, understand
from tests.builders import build_enrolment, build_leader, build_programme, build_resource, build_tip, send
from tests.integration.mail.page import Page

PUBLIC_URL = "https://first100.example.ac.uk"  # 30 characters
LINKS = Links(PUBLIC_URL, (b"a secret for tests, long enough",))
SETTINGS = Settings(public_url=PUBLIC_URL, reply_to="hr@example.org")
READ = SETTINGS.model_copy(update={"replies": "lmtp://127.0.0.1", "hr_contact": "hr@example.org"})  # by somebody
NOW = datetime(2027, 2, 1, 8, 30, tzinfo=UTC)
LATE = Wording(headline="Listen now", subject="Listen this week", why="It is not too late.", action="Ring today.")
REAL = load_programme(Path(__file__).parents[2] / "config" / "first-100-days")
PROGRAMME = build_programme(
    (
        build_tip("listen-first", title="Listen first", late=LATE, when_late="late_wording"),
        build_tip("share-early", title="Share early"),
        build_tip(
            "give-back", title="Give back", why="**You** gain\n\n- friends", action="[Join](https://example.org/j)"
        ),
        build_resource(
            "short-report", title="A Short Report", author="Ann Author", publisher="A House", published="2019"
        ),
        build_resource("picture", title="A Picture", covers="All at one glance. And more.", published="May 2020"),
        build_resource("book", title="A Book", url=None, publisher="A House"),
    )
)


def plan(item: str, placed: PlacedAs = "new", question: QuestionKind | None = None, **fields: Any) -> PlannedItem:
    return PlannedItem(item=item, kind=PROGRAMME.items[item].kind, placed=placed, question=question, **fields)


PROMPTS = (
    plan("listen-first", "prompt", "recall"),
    plan("share-early", "prompt", "application"),
    plan("short-report", "prompt", "application"),
)
VARIANTS: dict[str, tuple[PlannedItem, ...]] = {
    "tip": (plan("share-early"), plan("listen-first", "prompt", "recall"), plan("give-back", "prompt", "reflection")),
    "tip with riders": (plan("give-back"), plan("book", "with"), plan("picture", "with"), PROMPTS[0]),
    "late tip": (plan("listen-first", late=True),),
    "resource": (plan("short-report"), plan("picture", "with"), *PROMPTS[:2]),
    "prompts alone": PROMPTS,
    "check-in": (plan("check-in-30", "check-in"),),
    "welcome": (plan("welcome", "message"),),
    "closing": (plan("closing-summary", "message"),),
}
HISTORY = History(
    nudges=(
        SentNudge(
            ordinal=1,
            at=NOW,
            local_date=date(2027, 1, 12),
            items=(
                SentItem(item="share-early", kind="tip", placed="new"),
                SentItem(item="book", kind="resource", placed="with"),
                SentItem(item="listen-first", kind="tip", placed="prompt", question="recall", answer="using"),
                SentItem(item="listen-first", kind="tip", placed="prompt", question="application"),
            ),
        ),
    ),
    next_ordinal=2,
)


def nudge(items: Sequence[PlannedItem], *, day: int = 21) -> PlannedNudge:
    on = date(2027, 1, 11) + timedelta(days=day)
    return PlannedNudge(ordinal=4, day=day, local_date=on, slot=NOW, items=tuple(items), why="Its turn.")


def compose(
    items: Sequence[PlannedItem],
    *,
    tracking: bool = False,
    programme: Programme = PROGRAMME,
    settings: Settings = SETTINGS,
    enrolment: Enrolment | None = None,
    mail_id: int = 7,
    day: int = 21,
) -> Composed:
    enrolment = enrolment or build_enrolment()
    enrolment = replace(enrolment, leader=replace(enrolment.leader, tracking=tracking))
    return Composer(settings, LINKS).compose_nudge(
        nudge(items, day=day), mail_id=mail_id, enrolment=enrolment, programme=programme, history=HISTORY, now=NOW
    )


def parse(composed: Composed) -> EmailMessage:
    return message_from_bytes(composed.message, policy=policy.default)


def part(composed: Composed, subtype: str) -> str:
    found = parse(composed).get_body((subtype,))
    assert found is not None
    return cast(str, found.get_content()).replace("\r\n", "\n")


each_variant = pytest.mark.parametrize("variant", VARIANTS)


NOTICES = {
    "paused": Notice(says="paused", values={"until": "2027-02-26"}),
    "paused without end": Notice(says="paused"),
    "left": Notice(says="left"),
    "consent given": Notice(says="consent_given", values={"on": "2027-01-12"}),
    "consent withdrawn": Notice(says="consent_withdrawn", values={"on": "2027-01-12"}),
    "fresh link": Notice(
        says="fresh_link",
        values={
            "minutes": "30",
            "purpose": "your notes",
            "button": "Open your notes",
            "url": f"{PUBLIC_URL}/m/a-fresh-token",
        },
    ),
    "resumed": Notice(says="resumed"),
    "returned": Notice(says="returned"),
    "answered": Notice(says="answered", values={"given": "listen-first|recall|using\ngone|recall|forgot"}),
    "checked in": Notice(says="checked_in"),
    "not understood": Notice(says="reply_not_understood"),
}


def compose_notice(
    notice: Notice,
    *,
    enrolment: Enrolment | None = None,
    recipient: str = "sam.sample@example.org",
    programme: Programme = PROGRAMME,
) -> Composed:
    return Composer(READ, LINKS).compose_notice(
        notice,
        recipient=recipient,
        mail_id=7,
        enrolment=enrolment or build_enrolment(),
        programme=programme,
        posted_at=NOW,
        now=NOW,
    )


# ---------------------------------------------------------------- notices


@pytest.mark.parametrize("name", NOTICES)
def test_a_notice_keeps_its_number_of_words(name: str) -> None:
    assert judge_length(compose_notice(NOTICES[name]).letter) == ""


def test_whose_reply_was_not_understood_is_told_what_is_and_where_a_person_is() -> None:
    text = " ".join(compose_notice(NOTICES["not understood"]).text.split())
    assert "- pause, pause two weeks, or pause until 3 March - resume: to end a pause - stop: to leave" in text
    assert "To reach a person, write to hr@example.org." in text


def test_an_answer_written_back_is_told_with_what_a_good_one_holds() -> None:
    alone = Notice(says="answered", values={"given": "listen-first|recall|using"})
    text = " ".join(compose_notice(alone).text.split())
    assert "You said: Knew it. A good answer:" in text
    several = " ".join(compose_notice(NOTICES["answered"]).text.split())
    assert "You said: Knew it." in several
    assert "A good answer" not in several
    assert "You said: Forgot." in several  # of what config no longer has


def test_whatever_is_answered_what_is_told_back_keeps_its_number_of_words() -> None:
    asked = [
        f"{item.id}|{question.kind}|using"
        for item in REAL.items.values()
        if isinstance(item, Tip | Resource)
        for question in item.questions
    ]
    longest = [Notice(says="answered", values={"given": given}) for given in asked]
    threes = ["\n".join(asked[at : at + 3]) for at in range(0, len(asked), 3)]
    longest += [Notice(says="answered", values={"given": given}) for given in threes]
    sam = build_enrolment(role="chief-executive")
    for notice in longest:
        letter = compose_notice(notice, enrolment=sam, programme=REAL).letter
        assert judge_length(letter) == "", letter.points


# ---------------------------------------------------------------- replies


@pytest.mark.parametrize(
    ("items", "says"),
    [
        ((PROMPTS[0],), "To reply, write: knew it, nearly, forgot, pause or stop."),
        ((PROMPTS[1],), "To reply, write: have a plan, partly, not yet, pause or stop."),
        (PROMPTS, "To reply, write: 1 knew it, 2 partly, pause or stop."),
        (VARIANTS["tip"], "To reply, write: 1 knew it, 2 partly, pause or stop."),
        (VARIANTS["check-in"], "To reply, write: done, pause or stop."),
        (VARIANTS["late tip"], "To reply, write: pause or stop."),
        (VARIANTS["closing"], ""),
    ],
)
def test_a_mail_says_how_to_reply_where_replies_are_read(items: Sequence[PlannedItem], says: str) -> None:
    read, unread = compose(items, settings=READ), compose(items)
    assert read.letter.reply_words == says
    for subtype in ("plain", "html"):
        assert ("To reply, write:" in part(read, subtype)) is bool(says)
        assert "To reply, write:" not in part(unread, subtype)


def test_questions_are_numbered_where_a_reply_needs_the_number() -> None:
    read = compose(PROMPTS, settings=READ)
    assert re.findall(r"(?m)^\d\. ", part(read, "plain")) == ["1. ", "2. ", "3. "]
    assert [words.split()[0] for words, address in Page(read.html).links if "/a/" in address] == ["1.", "2.", "3."]
    for other in (compose(PROMPTS), compose(PROMPTS[:1], settings=READ)):
        assert not re.search(r"(?m)^\d\. ", part(other, "plain"))


@pytest.mark.parametrize("kind", ANSWER_NAMES)
def test_the_words_that_a_mail_names_mean_the_same_when_they_come_back(kind: QuestionKind) -> None:
    for answer, name in ANSWER_NAMES[kind].items():
        for about in ("tip", "resource"):
            assert understand(name, questions=(about,), today=date(2027, 1, 12)) == Answers({1: answer})


def test_a_pauses_notice_says_up_to_when() -> None:
    composed = compose_notice(NOTICES["paused"])
    assert composed.subject == "Paused up to 26 February 2027"
    assert "up to and including 26 February 2027" in " ".join(composed.text.split())
    assert "without an end" in " ".join(compose_notice(NOTICES["paused without end"]).text.split())


def test_a_pause_that_hr_made_is_not_said_to_be_the_leaders_wish() -> None:
    notice = Notice(says="paused", values={"until": "2027-02-26", "by": "admin"})
    said = " ".join(compose_notice(notice).text.split())
    assert "HR has paused First 100 days for you up to and including 26 February 2027" in said
    assert "You asked" not in said
    assert "First100 writes to you because HR changed something about your First 100 days." in said


def test_a_pause_that_hr_ended_is_not_said_to_be_ended_by_an_e_mail_of_the_leaders() -> None:
    composed = compose_notice(Notice(says="resumed", values={"by": "admin"}))
    assert composed.subject == "Your pause is over"
    said = " ".join(composed.text.split())
    assert "HR has ended the pause of First 100 days." in said
    assert "in your name" not in said


def test_a_notice_is_never_tracked() -> None:
    leader = replace(build_leader(), tracking=True)
    page = Page(compose_notice(NOTICES["left"], enrolment=build_enrolment(leader=leader)).html)
    assert page.images == []
    assert {address for _, address in page.links} == {LINKS.url("p", 1, 7)}


def test_a_correction_goes_to_hr_alone_and_shows_them_no_link_of_the_leaders() -> None:
    leader = build_leader(name="Sam [Sample](https://evil.example.org)")
    asks = "Role: chair, not chief executive\nStart date: 1 February 2027 {{today}}"
    correction = Notice(says="correction", values={"on": "2027-01-12", "asks": asks})
    composed = compose_notice(correction, enrolment=build_enrolment(leader=leader), recipient="hr@example.org")
    mail = parse(composed)
    assert mail["To"] == "hr@example.org"
    assert mail["List-Unsubscribe"] is None
    assert "- Role: chair, not chief executive\n- Start date: 1 February 2027 {{today}}\n" in composed.text
    assert Page(composed.html).links == []


def test_a_notice_that_lacks_a_value_is_not_composed() -> None:
    with pytest.raises(ComposeError, match="the notice consent_given: it lacks the value 'on'"):
        compose_notice(Notice(says="consent_given"))


# ---------------------------------------------------------------- plain text


def test_who_wants_plain_text_gets_no_html_at_all() -> None:
    plain = build_enrolment(leader=replace(build_leader(), plain=True, tracking=True))
    for composed in (
        compose(VARIANTS["resource"], enrolment=plain, tracking=True),
        compose_notice(NOTICES["left"], enrolment=plain),
    ):
        mail = parse(composed)
        assert (mail.get_content_type(), mail.is_multipart()) == ("text/plain", False)
        assert cast(str, mail.get_content()).replace("\r\n", "\n").strip() == composed.text.strip()
        assert composed.html == ""
    assert compose(VARIANTS["tip"], enrolment=plain).text == compose(VARIANTS["tip"]).text


# ---------------------------------------------------------------- every mail


def test_a_mail_carries_the_headers_of_the_contract_and_no_others() -> None:
    mail = parse(compose(VARIANTS["tip"]))
    leave = LINKS.token("u", 1, 7)
    assert {name: str(mail[name]) for name in mail if name not in {"Subject", "Content-Type", "Feedback-ID"}} == {
        "From": "First100 <first100@example.org>",
        "To": "Sam Sample <sam.sample@example.org>",
        "Reply-To": "hr@example.org",
        "Date": "Mon, 01 Feb 2027 08:30:00 +0000",
        "Message-ID": mail["Message-ID"],
        "List-Id": "<first-100-days.example.org>",
        "List-Unsubscribe": f"<{PUBLIC_URL}/u/{leave}>, <mailto:first100@example.org?subject=unsubscribe%20{leave}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": "All",
        "MIME-Version": "1.0",
    }
    assert mail["Feedback-ID"] == "share-early:first-100-days:nudge:first100"
    assert mail.defects == []


@each_variant
def test_no_mail_is_tracked_without_consent(variant: str) -> None:
    page = Page(compose(VARIANTS[variant]).html)
    assert page.images == []
    assert not any(f"{PUBLIC_URL}/{purpose}/" in page.html for purpose in "lo")


@each_variant
def test_with_consent_a_mail_has_one_pixel_that_reads_as_nothing(variant: str) -> None:
    composed = compose(VARIANTS[variant], tracking=True)
    [pixel] = Page(composed.html).images
    assert (pixel["src"], pixel["width"], pixel["height"], pixel["alt"]) == (LINKS.url("o", 7), "1", "1", "")
    assert "/o/" not in composed.text


@each_variant
def test_with_consent_the_html_has_one_link_that_no_person_sees(variant: str) -> None:
    composed = compose(VARIANTS[variant], tracking=True)
    page = Page(composed.html)
    [trap] = page.traps
    assert (trap["href"], trap["tabindex"]) == (LINKS.url("t", 7), "-1")
    assert "/t/" not in composed.text
    [hiding] = [attributes for tag, attributes in page.tags if tag == "div" and "aria-hidden" in attributes]
    assert hiding["aria-hidden"] == "true"
    assert all(rule in (hiding["style"] or "") for rule in ("display:none", "mso-hide:all"))
    assert Page(compose(VARIANTS[variant], tracking=False).html).traps == []


@each_variant
def test_the_same_mail_has_the_same_bytes(variant: str) -> None:
    assert compose(VARIANTS[variant]) == compose(VARIANTS[variant])
    assert compose(VARIANTS[variant]).message_id != compose(VARIANTS[variant], mail_id=8).message_id


def test_the_same_number_in_another_database_names_another_mail() -> None:
    other = build_enrolment(leader=build_leader(key="ESR-1"))
    assert compose(VARIANTS["tip"]).message_id.startswith("<7.")
    assert compose(VARIANTS["tip"]).message_id != compose(VARIANTS["tip"], enrolment=other).message_id


# ---------------------------------------------------------------- what each kind says


def test_a_tip_says_why_what_to_do_and_asks_about_earlier_items() -> None:
    composed = compose(VARIANTS["tip"])
    assert composed.text == (
        "Day 21\n\nShare early\n-----------\n\nPeople tell you more when you ask first.\n\n"
        "TEN MINUTES\n\nRing one partner and ask what is hardest.\n\n"
        "LOOKING BACK\n\nWhat is the recall of listen-first?\n"
        f"Answer:\n{LINKS.url('a', 7, 1)}\n\n"
        "What is the reflection of give-back?\n"
        f"Answer:\n{LINKS.url('a', 7, 2)}\n\n"
        "-- \nFirst100 writes to you because your organisation enrolled you in First\n100 days.\n"
        f"Pause, change, leave, or see how your data is kept:\n{LINKS.url('p', 1, 7)}\n"
    )
    assert Page(composed.html).links == [
        ("What is the recall of listen-first? Answer", LINKS.url("a", 7, 1)),
        ("What is the reflection of give-back? Answer", LINKS.url("a", 7, 2)),
        ("Pause, change, leave, or see how your data is kept", LINKS.url("p", 1, 7)),
    ]
    assert composed.subject == "About share-early"


def test_a_late_tip_comes_in_its_late_wording() -> None:
    composed = compose(VARIANTS["late tip"])
    assert composed.subject == "Listen this week"
    assert composed.text.startswith(
        "Day 21\n\nListen now\n----------\n\nIt is not too late.\n\nTEN MINUTES\n\nRing today.\n"
    )
    assert "It is not too late.</div>" in composed.html  # the preheader


@pytest.mark.parametrize(
    ("opening", "words"),
    [
        ("welcome_back", "Welcome back. Your days stood still while you were away"),
        ("dates_moved", "Your start date is now 11 January 2027"),
    ],
)
def test_a_mail_after_a_long_pause_or_a_moved_start_opens_with_a_line_about_it(opening: Opening, words: str) -> None:
    opened = replace(nudge(VARIANTS["tip"]), openings=(opening,))
    composed = Composer(SETTINGS, LINKS).compose_nudge(
        opened, mail_id=7, enrolment=build_enrolment(), programme=PROGRAMME, history=HISTORY, now=NOW
    )
    text = " ".join(part(composed, "plain").split())
    assert text.index(words) < text.index("People tell you more")
    assert words in " ".join(Page(part(composed, "html")).words.split())


def test_a_mail_after_the_start_never_says_that_days_are_to_go() -> None:
    assert "6 days to go" in part(compose_on(date(2027, 1, 5)), "plain")
    paused = part(compose_on(date(2027, 1, 30)), "plain")  # the count stood still in a pause before the start
    assert "to go" not in paused
    assert "Your first days" in paused


def compose_on(on: date) -> Composed:
    planned = replace(nudge(VARIANTS["tip"], day=-6), local_date=on)
    return Composer(SETTINGS, LINKS).compose_nudge(
        planned, mail_id=7, enrolment=build_enrolment(), programme=PROGRAMME, history=HISTORY, now=NOW
    )


def test_a_mail_that_is_not_for_real_is_marked_in_its_subject_and_otherwise_the_same() -> None:
    real, marked = (
        Composer(SETTINGS, LINKS).compose_nudge(
            nudge(VARIANTS["tip"]),
            mail_id=7,
            enrolment=build_enrolment(),
            programme=PROGRAMME,
            history=HISTORY,
            now=NOW,
            subject_begins=mark,
        )
        for mark in ("", "[Test] ")
    )
    assert (marked.subject, marked.text) == (f"[Test] {real.subject}", real.text)
    assert str(parse(marked)["Subject"]) == marked.subject


def test_riders_are_one_line_each() -> None:
    text = compose(VARIANTS["tip with riders"]).text
    assert "Also worth knowing: A Book, A House. What others found when they tried.\n" in text
    assert "Also worth knowing: A Picture, 2020. All at one glance.\nhttps://example.org/report\n" in text


def test_an_authors_markdown_is_laid_out_in_both_parts() -> None:
    composed = compose(VARIANTS["tip with riders"])
    assert '<strong>You</strong> gain</p>\n<ul style="margin:0 0 12px;padding-left:22px">' in composed.html
    assert "You gain\n\n- friends\n\nTEN MINUTES\n\nJoin\nhttps://example.org/j\n" in composed.text


def test_a_resource_names_its_maker_the_part_to_read_and_the_minutes() -> None:
    composed = compose(VARIANTS["resource"])
    assert "A Short Report\n--------------\n\nBy Ann Author · A House · 2019\n" in composed.text
    assert "5 MINUTES TO READ\n\nthe summary\n\nOpen “A Short Report”:\nhttps://example.org/report\n" in composed.text


def test_a_resources_links_go_through_us_only_with_consent() -> None:
    addresses = [address for _, address in Page(compose(VARIANTS["resource"], tracking=True).html).links]
    assert addresses[:2] == [LINKS.url("l", 7, 0), LINKS.url("l", 7, 1)]
    addresses = [address for _, address in Page(compose(VARIANTS["resource"]).html).links]
    assert addresses[:2] == ["https://example.org/report", "https://example.org/report"]


@pytest.mark.parametrize(
    ("first", "subject"),
    [
        (plan("listen-first", "prompt", "recall"), "Can you recall: Listen first?"),
        (plan("share-early", "prompt", "application"), "In practice: Share early"),
        (plan("give-back", "prompt", "reflection"), "Looking back: Give back"),
        (plan("short-report", "prompt", "application"), "Did you read: A Short Report?"),
    ],
)
def test_a_mail_of_questions_alone_is_named_after_the_first(first: PlannedItem, subject: str) -> None:
    composed = compose([first])
    assert composed.subject == subject
    assert "One short question about what you met before, and nothing new.</div>" in composed.html


def test_a_link_to_an_answer_names_its_question_in_full() -> None:
    words = [words for words, _ in Page(compose(PROMPTS).html).links]
    assert words[:3] == [
        "What is the recall of listen-first? Answer",
        "What is the application of share-early? Answer",
        "What is the application of short-report? Answer",
    ]


def test_a_long_title_is_cut_at_a_word_in_the_subject() -> None:
    programme = build_programme((build_tip("long", title="Say hello to system leaders before you start"),))
    item = PlannedItem(item="long", kind="tip", placed="prompt", question="recall")
    assert compose([item], programme=programme).subject == "Can you recall: Say hello to system leaders…?"


def test_a_check_in_asks_its_questions_and_has_one_place_to_answer() -> None:
    text = compose(VARIANTS["check-in"], day=30).text
    assert "1. Whom do you know now?\n2. What surprised you?\n3. What next?\n" in text
    assert f"Finish this check-in:\n{LINKS.url('c', 7, 0)}\n" in text


@pytest.mark.parametrize(
    ("mode", "tracking", "words"),
    [
        ("ask", False, "Choose whether we may see what you open"),
        ("ask", True, "See and change your choices"),
        ("off", False, "See and change your choices"),
        ("on", True, "See and change your choices"),
    ],
)
def test_the_welcome_asks_for_one_decision(mode: Any, tracking: bool, words: str) -> None:
    settings = SETTINGS.model_copy(update={"open_tracking": mode})
    links = Page(compose(VARIANTS["welcome"], tracking=tracking, settings=settings).html).links
    assert links[0] == (words, LINKS.url("p", 1, 7))
    assert len(links) == 2


@pytest.mark.parametrize(("mode", "asked"), [("ask", True), ("off", False), ("on", False)])
def test_a_welcome_asks_about_tracking_only_where_there_is_a_choice(mode: Any, asked: bool) -> None:
    settings = SETTINGS.model_copy(update={"open_tracking": mode})
    composed = compose(VARIANTS["welcome"], tracking=mode == "on", settings=settings)
    assert ("One choice is yours." in composed.text) is asked
    assert ("One choice is yours." in composed.html) is asked


def test_the_closing_mail_holds_the_leaders_record_and_every_resource_with_one_link_to_all_of_it() -> None:
    composed = compose(VARIANTS["closing"], tracking=True, day=100)
    text = composed.text
    assert Page(composed.html).links[0] == ("Open all of it on your page", LINKS.url("m", 1, 7))
    assert "YOUR RECORD\n\nYou met one tip and one resource, and answered 1 of 2 questions.\n" in text
    assert "RESOURCES YOU MET\n\n- A Book\n\nMORE TO READ\n\n- A Short Report\n" in text


@pytest.mark.parametrize(("day", "words"), [(-21, "21 days to go"), (0, "Your first day"), (64, "Day 64")])
def test_a_mail_says_where_in_the_hundred_days_it_stands(day: int, words: str) -> None:
    assert compose(VARIANTS["tip"], day=day).text.startswith(f"{words}\n")


# ---------------------------------------------------------------- odd people, odd content


def test_a_name_beyond_ascii_is_encoded_and_its_holder_greeted_by_it() -> None:
    leader = build_leader(name="Dr Zoë O'Hara-Łukasz", email="zoe@bücher.example")
    composed = compose(VARIANTS["welcome"], enrolment=build_enrolment(leader=leader))
    assert str(parse(composed)["To"]) == "Dr Zoë O'Hara-Łukasz <zoe@xn--bcher-kva.example>"
    assert "Hello Zoë." in composed.text


def test_names_that_look_like_code_are_shown_as_they_are() -> None:
    leader = build_leader(name="<b>{{role}}</b>{{7*7}} Smith")
    composed = compose(VARIANTS["welcome"], enrolment=build_enrolment(leader=leader))
    assert "Hello <b>{{role}}</b>{{7*7}}." in composed.text
    assert "Hello &lt;b&gt;{{role}}&lt;/b&gt;{{7*7}}." in composed.html


@pytest.mark.parametrize("name", ["Sam\r\nBcc: all@example.org", "Sam\nSample", "Sam\0", "Sam\x1b[2J"])
def test_a_name_that_would_break_a_header_is_refused(name: str) -> None:
    with pytest.raises(ComposeError, match=r"the leader.s name and address.*control character"):
        compose(VARIANTS["tip"], enrolment=build_enrolment(leader=build_leader(name=name)))


@pytest.mark.parametrize(
    ("item", "words"),
    [
        (PlannedItem(item="gone", kind="tip", placed="new"), "programme first-100-days, gone: it was planned, but"),
        (plan("short-report", "prompt", "recall"), "short-report: it has no recall question to ask"),
        (plan("listen-first", "prompt"), "listen-first: it has no such question"),
        (plan("share-early", late=True), "share-early: it comes late but has no late wording"),
        (plan("book"), "book: it has no address to read it at"),
    ],
)
def test_missing_content_is_named_with_its_place(item: PlannedItem, words: str) -> None:
    with pytest.raises(ComposeError, match=re.escape(words)):
        compose([item])


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"why": "Dear {{nobody}}"}, "odd: the token {{nobody}} means nothing here"),
        ({"subject": "{{nobody}}"}, "odd: the token {{nobody}} means nothing here"),
        ({"action": "a\0b"}, "odd"),
        ({"why": "bell \x07"}, "the plain part: the control character U+0007"),
    ],
)
def test_text_too_odd_to_send_is_refused(fields: dict[str, str], words: str) -> None:
    programme = build_programme((build_tip("odd", **fields),))
    item = PlannedItem(item="odd", kind="tip", placed="new")
    if words == "odd":  # Markdown itself replaces NUL
        assert "a\ufffdb" in compose([item], programme=programme).text
        return
    with pytest.raises(ComposeError, match=re.escape(words)):
        compose([item], programme=programme)


def test_a_role_that_is_gone_is_named() -> None:
    with pytest.raises(ComposeError, match="role king: the programme has no such role"):
        compose(VARIANTS["tip"], enrolment=build_enrolment(role="king"))


def test_an_empty_nudge_says_so() -> None:
    with pytest.raises(ComposeError, match="nudge 4: the nudge holds nothing to say"):
        compose([])


@pytest.mark.parametrize(
    "settings",
    [SETTINGS.model_copy(update={"brand_colour": "blue"}), SETTINGS.model_copy(update={"sender_address": "x"})],
)
def test_settings_that_cannot_make_a_mail_are_refused_at_the_start(settings: Settings) -> None:
    with pytest.raises(ComposeError, match=r"^settings: "):
        Composer(settings, LINKS)


def test_bounces_come_back_to_an_address_that_names_the_mail() -> None:
    sender = compose(VARIANTS["tip"], mail_id=1234).envelope_sender
    found = re.fullmatch(r"bounce\+([a-z2-7]+)@example\.org", sender)
    assert found is not None
    assert LINKS.read("b", found[1]) == (1234,)


# ---------------------------------------------------------------- the real programme, all the way through


def mails_of(role: str, *, late: bool) -> Iterator[tuple[PlannedNudge, Composed]]:
    enrolled_on = date(2027, 1, 25) if late else date(2026, 12, 7)
    enrolment = build_enrolment(role=role, enrolled_on=enrolled_on)
    now = datetime(enrolled_on.year, enrolled_on.month, enrolled_on.day, 9, tzinfo=UTC)
    composer, history = Composer(SETTINGS, LINKS), History()
    for planned in plan_ahead(REAL, enrolment, history, now).nudges:
        yield (
            planned,
            composer.compose_nudge(
                planned, mail_id=planned.ordinal, enrolment=enrolment, programme=REAL, history=history, now=planned.slot
            ),
        )
        history = send(history, planned)


def count(text: str) -> int:
    """The words that are read: no addresses, no rules, no bare marks."""
    words = re.sub(r"https?://\S+|^Answer:$", "", text, flags=re.MULTILINE).split()
    return sum(any(map(str.isalnum, word)) for word in words)


def budget_of(planned: PlannedNudge) -> int:
    lead = planned.items[0]
    if lead.placed == "prompt":
        return 70
    return {"tip": 150, "resource": 90, "check-in": 80, "message": 200 if planned.day > 0 else 150}[lead.kind]


@pytest.mark.parametrize("late", [False, True], ids=["in time", "late"])
@pytest.mark.parametrize("role", REAL.roles)
def test_every_mail_of_a_role_keeps_its_budgets(role: str, *, late: bool) -> None:
    """Counted in the text part, apart from the product's own count."""
    mails = list(mails_of(role, late=late))
    assert len(mails) > 12
    for planned, composed in mails:
        body, footer = composed.text.split("\n-- \n")
        assert count(body) <= budget_of(planned), composed.text
        assert count(footer) <= 35
        assert len(composed.subject) <= 45
        assert len(Page(composed.html).links) <= 5, composed.text
