"""The rehearsal's folder: every mail in it, every link of it whole, nothing from elsewhere, nothing by chance."""

import posixpath
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from email import message_from_bytes, policy
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from config.load import load_programme
from config.settings import Settings
from models.domain import History, Programme
from rehearsal.storyboard.casting import RehearsalError, cast_parts, next_start
from rehearsal.storyboard.layout import lay_out
from rehearsal.storyboard.mails import REHEARSAL_URL, make_composer
from rehearsal.storyboard.sheets import Sheets
from rehearsal.storyboard.stage import StagedPart, stage_parts
from scheduler.planning import plan_ahead
from tests.builders import at

PROGRAMME = load_programme(Path(__file__).parents[3] / "config" / "first-100-days")
ROLES = ("chief-executive", "chair")
START = date(2027, 1, 11)


@dataclass
class Page(HTMLParser):
    """What a browser finds in a page."""

    html: str
    ids: list[str] = field(default_factory=list[str])
    links: list[str] = field(default_factory=list[str])
    loads: list[str] = field(default_factory=list[str])
    classes: set[str] = field(default_factory=set[str])
    headings: list[int] = field(default_factory=list[int])
    labels: set[str] = field(default_factory=set[str])
    inputs: set[str] = field(default_factory=set[str])
    choices: set[str] = field(default_factory=set[str])  # what a script chooses for whoever comes back
    words: str = ""

    def __post_init__(self) -> None:
        super().__init__()
        self.feed(self.html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.classes.update(given.get("class", "").split())
        self.ids += [given["id"]] if "id" in given else []
        self.choices.add(given.get("data-choices", ""))
        if tag == "a":
            self.links.append(given.get("href", ""))
        elif tag in ("link", "script", "img", "iframe", "source"):
            self.loads.append(given.get("href") or given.get("src", ""))
        elif re.fullmatch(r"h[1-6]", tag):
            self.headings.append(int(tag[1]))
        elif tag == "label":
            self.labels.add(given.get("for", ""))
        elif tag == "input":
            self.inputs.add(given["id"])

    def handle_data(self, data: str) -> None:
        self.words += data


def stage(
    roles: Sequence[str] = ROLES,
    *,
    starts: Sequence[date] = (START,),
    enrolled: date | None = None,
    programmes: Sequence[Programme] = (PROGRAMME,),
    settings: Settings | None = None,
) -> tuple[StagedPart, ...]:
    settings = settings or Settings()
    named = {programme.id: programme for programme in programmes}
    parts = cast_parts(settings, named, roles=roles, starts=starts, enrolled=enrolled)
    return stage_parts(make_composer(settings), parts)


@pytest.fixture(scope="module")
def parts() -> tuple[StagedPart, ...]:
    return stage()


@pytest.fixture(scope="module")
def files(parts: tuple[StagedPart, ...]) -> dict[str, bytes]:
    return lay_out(Sheets(Settings()), parts)


def pages_of(files: dict[str, bytes]) -> dict[str, Page]:
    return {name: Page(octets.decode()) for name, octets in files.items() if name.endswith(".html")}


# ---------------------------------------------------------------- what is in it


def test_the_index_leads_to_every_mail_and_to_no_other(files: dict[str, bytes], parts: tuple[StagedPart, ...]) -> None:
    stems = [mail.stem for part in parts for walk in part.walks for mail in walk.mails]
    links = [link for link in Page(files["index.html"].decode()).links if re.search(r"/\d+\.html$", link)]
    assert sorted(links) == sorted(f"{stem}.html" for stem in stems)
    for stem in stems:
        assert {f"{stem}{ending}" for ending in (".html", ".mail.html", ".txt", ".eml")} <= files.keys()


def test_the_calendar_says_when_what_and_why_and_which_days_are_closed(files: dict[str, bytes]) -> None:
    words = " ".join(Page(files["index.html"].decode()).words.split())
    assert (
        "Tue 12 Jan day 1 Tip 08:30 GMT Ring the far end of a patient's journey 2 questions Sets a listening" in words
    )
    assert "Mon 29 Mar day 77 Holiday: Easter Monday" in words
    assert "Mon 11 Jan first day in post" in words
    assert "Tue 30 Mar day 78 Resource 08:30 BST A book of change models to dip into" in words


def test_every_link_of_the_folder_leads_to_a_file_and_a_place_in_it(files: dict[str, bytes]) -> None:
    pages = pages_of(files)
    for name, page in pages.items():
        for link in (*page.links, *page.loads):
            parts = urlsplit(link)
            if parts.scheme in ("https", "http", "data", "mailto"):
                continue
            target = posixpath.normpath(posixpath.join(posixpath.dirname(name), parts.path)) if parts.path else name
            assert target in files, (name, link)
            assert not parts.fragment or parts.fragment in pages[target].ids, (name, link)


def test_nothing_is_loaded_from_elsewhere_and_only_the_index_has_a_script(files: dict[str, bytes]) -> None:
    for name, page in pages_of(files).items():
        assert [load for load in page.loads if urlsplit(load).scheme not in ("", "data")] == [], name
        assert page.html.count("<script") == (name == "index.html"), name
        assert "onclick" not in page.html, name
    assert not re.search(rb"@import|url\(|https?:", files["rehearsal.css"])


def test_a_mails_files_are_the_very_mail(files: dict[str, bytes], parts: tuple[StagedPart, ...]) -> None:
    for mail in (mail for part in parts for walk in part.walks for mail in walk.mails):
        assert files[f"{mail.stem}.eml"] == mail.composed.message
        parsed = message_from_bytes(files[f"{mail.stem}.eml"], policy=policy.default)
        assert str(parsed["Subject"]) == mail.composed.subject
        assert str(parsed["To"]).endswith("@example.org>")
        text = parsed.get_body(("plain",))
        assert text is not None
        assert str(text.get_content()).replace("\r\n", "\n").rstrip() == files[f"{mail.stem}.txt"].decode().rstrip()


def test_no_two_mails_of_a_rehearsal_pass_for_one(parts: tuple[StagedPart, ...]) -> None:
    names = [mail.composed.message_id for part in parts for walk in part.walks for mail in walk.mails]
    assert len(set(names)) == len(names)


def test_every_page_has_its_headings_in_order_its_own_ids_and_a_label_for_each_input(files: dict[str, bytes]) -> None:
    for name, page in pages_of(files).items():
        if name.endswith(".mail.html"):
            continue
        assert page.headings[0] == 1, name
        assert page.headings.count(1) == 1, name
        assert all(b - a <= 1 for a, b in zip(page.headings, page.headings[1:], strict=False)), name
        assert len(set(page.ids)) == len(page.ids), name
        assert page.inputs <= page.labels, name


# ---------------------------------------------------------------- links of ours


def test_links_of_ours_are_of_the_rehearsal_and_lead_to_a_page_that_says_so(files: dict[str, bytes]) -> None:
    for name, octets in files.items():
        assert b"127.0.0.1" not in octets, name
        if name.endswith(".mail.html"):
            assert REHEARSAL_URL.encode() not in octets, name
            assert any(link.endswith("link.html#p") for link in Page(octets.decode()).links), name
        elif name.endswith(".txt"):
            assert f"{REHEARSAL_URL}/p/".encode() in octets, name


def test_links_to_resources_are_their_own(files: dict[str, bytes]) -> None:
    copies = [page.links for name, page in pages_of(files).items() if name.endswith(".mail.html")]
    assert any("https://www.nhsconfed.org/publications/best-job-world" in links for links in copies)


def test_a_pixel_is_neither_loaded_nor_led_anywhere() -> None:
    settings = Settings(open_tracking="on")
    tracked = lay_out(Sheets(settings), stage(("chair",), settings=settings))
    mails = {name: octets for name, octets in tracked.items() if name.endswith(".mail.html")}
    assert all(b"data:image/gif" in octets and REHEARSAL_URL.encode() not in octets for octets in mails.values())


# ---------------------------------------------------------------- three readers


def test_who_answers_nothing_gets_the_plan_as_it_is_laid_out(parts: tuple[StagedPart, ...]) -> None:
    for part in parts:
        plan = plan_ahead(PROGRAMME, part.part.enrolment, History(), at("2026-12-07 12:00"))
        assert tuple(mail.scene.nudge for mail in part.plan.mails) == plan.nudges


def test_the_three_readers_differ_in_answers_and_thereby_in_questions(parts: tuple[StagedPart, ...]) -> None:
    none, half, everything = (walk.figures for walk in parts[0].walks)
    assert (none.answered, half.answered, everything.answered) == (0, (half.asked + 1) // 2, everything.asked)
    assert everything.questions_alone < half.questions_alone <= none.questions_alone
    given = [item.answer for mail in parts[0].walks[1].mails for item in mail.scene.sent.items if item.answer]
    assert set(given) == {"using", "nearly", "forgot"}
    asked = [
        [item for mail in w.mails for item in mail.scene.nudge.items if item.placed == "prompt"] for w in parts[1].walks
    ]
    assert asked[0] != asked[1] != asked[2]


def test_every_reader_meets_every_item_of_the_role(parts: tuple[StagedPart, ...]) -> None:
    for part in parts:
        for walk in part.walks:
            met = {i.item for mail in walk.mails for i in mail.scene.nudge.items if i.placed != "prompt"}
            assert met == set(part.part.role.item_ids)


def test_a_mails_page_says_what_the_reader_does_about_it(
    files: dict[str, bytes], parts: tuple[StagedPart, ...]
) -> None:
    half = parts[0].walks[1]
    answered = next(mail for mail in half.mails if any(item.answer == "nearly" for item in mail.scene.sent.items))
    assert re.search("“(Nearly|Partly)”", files[f"{answered.stem}.html"].decode())
    assert "No answer" in files[f"{parts[0].plan.mails[4].stem}.html"].decode()


# ---------------------------------------------------------------- filters, the overview, what cannot come


def test_each_choice_of_the_index_hides_what_is_not_chosen() -> None:
    staged = stage(starts=(START, date(2027, 2, 1)))
    laid = lay_out(Sheets(Settings()), staged)
    index, style = Page(laid["index.html"].decode()), laid["rehearsal.css"].decode()
    rules = dict(re.findall(r"body:has\(#([\w-]+):checked\) \.(?:part|walk):not\(\.([\w-]+)\)", style))
    assert {name for name in index.inputs if not name.endswith("-every")} == rules.keys()
    assert len(rules) == len(ROLES) + 3 + 2
    assert set(rules.values()) <= index.classes
    assert set(rules) <= {choice for choices in index.choices for choice in choices.split()}


def test_the_overview_names_every_item_once_with_its_date_and_has_lines_to_sign(
    files: dict[str, bytes], parts: tuple[StagedPart, ...]
) -> None:
    for part in parts:
        page = Page(files[f"{part.part.folder}/overview.html"].decode())
        for item in part.part.role.item_ids:
            assert PROGRAMME.items[item].title in page.words
        assert page.words.count("Signature") == 3
        assert part.fingerprint in page.words


def test_the_wording_that_is_signed_changes_with_any_word() -> None:
    tip = PROGRAMME.items["share-risk-early"]
    changed = replace(PROGRAMME, items={**PROGRAMME.items, tip.id: replace(tip, title=f"{tip.title}!")})
    (before,), (after,) = stage(("chair",)), stage(("chair",), programmes=(changed,))
    assert before.fingerprint != after.fingerprint


def test_what_cannot_come_is_named_with_its_reason() -> None:
    settings = Settings(working_days=(4,))
    staged = stage(("chief-executive",), settings=settings)
    assert staged[0].missing
    words = " ".join(Page(lay_out(Sheets(settings), staged)["index.html"].decode()).words.split())
    for missing in staged[0].missing:
        assert f"{PROGRAMME.items[missing.item].title}: {missing.why}." in words
    assert "Monday is not a working day" in words


# ---------------------------------------------------------------- who is cast


def test_the_same_wish_gives_the_same_bytes(files: dict[str, bytes]) -> None:
    assert lay_out(Sheets(Settings()), stage()) == files


def test_a_role_alone_gets_the_mails_it_gets_among_others(files: dict[str, bytes]) -> None:
    alone = lay_out(Sheets(Settings()), stage(("chair",)))
    mails = {name: octets for name, octets in alone.items() if name.endswith(".eml")}
    assert mails == {name: octets for name, octets in files.items() if "/chair/" in name and name.endswith(".eml")}


def test_without_a_role_every_role_of_every_programme_is_cast() -> None:
    other = replace(PROGRAMME, id="another", name="Another")
    staged = stage((), programmes=(PROGRAMME, other))
    assert len({part.part.folder for part in staged}) == 2 * len(PROGRAMME.roles)
    assert "Chair (Another)" in lay_out(Sheets(Settings()), staged)["index.html"].decode()


def test_an_unknown_role_is_named_beside_the_known_ones() -> None:
    with pytest.raises(RehearsalError, match="there is no role 'chiar'; known: chief-executive, chair"):
        stage(("chiar",))


def test_one_enrolled_late_is_rehearsed_as_such() -> None:
    (late,) = stage(("chair",), enrolled=date(2027, 1, 20))
    first = late.plan.mails[0].scene.nudge
    assert first.local_date > date(2027, 1, 20)
    assert any(item.late for mail in late.plan.mails for item in mail.scene.nudge.items)


def test_one_enrolled_too_late_for_anything_has_a_page_all_the_same() -> None:
    staged = stage(("chair",), enrolled=date(2027, 6, 1))
    assert (staged[0].plan.mails, "0 mails" in lay_out(Sheets(Settings()), staged)["index.html"].decode()) == ((), True)


@pytest.mark.parametrize(
    ("today", "start"),
    [("2026-11-23", "2026-12-28"), ("2026-11-24", "2027-01-04"), ("2026-11-29", "2027-01-04")],
)
def test_the_next_sensible_start_is_a_monday_five_weeks_ahead_or_more(today: str, start: str) -> None:
    assert next_start(date.fromisoformat(today)) == date.fromisoformat(start)


def test_the_brand_is_the_installations() -> None:
    settings = Settings(brand_name="Northern Leaders", brand_colour="#005eb8")
    laid = lay_out(Sheets(settings), stage(("chair",), settings=settings))
    assert "<strong>Northern Leaders</strong>" in laid["index.html"].decode()
    assert b"#005eb8" in laid["rehearsal.css"]
