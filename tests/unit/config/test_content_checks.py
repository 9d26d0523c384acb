"""What `check` says of content that is written as it should be: drafts, reviews, repeats, windows, links, images."""

from datetime import date
from pathlib import Path

import pytest

from config.load import load_programme
from config.reading.programme import read_programme
from models.domain import Programme, Step
from tests.unit.config.folder import CHECK_IN, RESOURCE, ROLES, SHARE, TIP, replace_once, write_programme

DRAFT = "state: draft\n"


def changed(text: str, *, headline: str = "", subject: str = "", **keys: str) -> str:
    """The text with another headline and subject, where given, and these keys on top of its front matter."""
    lines = "".join(f"{key}: {value}\n" for key, value in keys.items())
    lines += f"headline: {headline}\n" if headline else ""
    lines += f"subject: {subject}\n" if subject else ""
    dropped = tuple(f"{key}:" for key, value in {"headline": headline, "subject": subject}.items() if value)
    kept = [line for line in text.splitlines(keepends=True) if not line.startswith(dropped or "\0")]
    return "".join(kept).replace("---\n", f"---\n{lines}", 1)


def warnings_of(folder: Path, files: dict[str, str | None], *, today: date | None = None) -> list[str]:
    """Everything that is said of the programme with these files, under its folder; nothing of it may be an error."""
    problems = read_programme(write_programme(folder, files), today=today).problems
    assert [str(problem) for problem in problems if problem.severity == "error"] == []
    return [str(problem).removeprefix(f"{folder}/").replace(f"{folder}/", "") for problem in problems]


def errors_of(folder: Path, files: dict[str, str | None]) -> list[str]:
    problems = read_programme(write_programme(folder, files)).problems
    return [str(problem).removeprefix(f"{folder}/") for problem in problems if problem.severity == "error"]


# ---------------------------------------------------------------- drafts


def load(folder: Path, files: dict[str, str | None]) -> Programme:
    return load_programme(write_programme(folder, files))


def test_a_draft_is_checked_and_for_leaders_it_is_not_there(tmp_path: Path) -> None:
    files: dict[str, str | None] = {"tips/share-early.md": changed(SHARE, state="draft")}
    programme = load(tmp_path, files)
    assert "share-early" not in programme.items
    assert "share-early" not in programme.roles["director"].item_ids
    assert warnings_of(tmp_path, files) == [
        "roles.yaml:8:24: share-early is a draft, so it stays out; write state: live in its file when it is ready"
    ]
    files = {"tips/share-early.md": changed(SHARE, state="draft").replace("when_late: send", "when_late: sned")}
    assert errors_of(tmp_path, files) == [
        "tips/share-early.md:8:12: when_late: 'sned' is not known; did you mean send?"
    ]


@pytest.mark.parametrize("state", ["live", "Live"])
def test_what_is_live_comes_and_so_does_what_does_not_say(tmp_path: Path, state: str) -> None:
    files: dict[str, str | None] = {"tips/share-early.md": changed(SHARE, state=state)}
    assert load(tmp_path, files) == load(tmp_path, {"tips/share-early.md": SHARE})


def test_what_waits_for_a_draft_does_not_wait(tmp_path: Path) -> None:
    tip = changed(TIP, after="[share-early, short-report]")
    programme = load(tmp_path, {"tips/listen-first.md": tip, "tips/share-early.md": changed(SHARE, state="draft")})
    assert programme.items["listen-first"].after == ("short-report",)


def test_a_draft_that_no_role_names_is_work_in_progress_and_no_gap(tmp_path: Path) -> None:
    new = changed(TIP, headline="Something else", subject="Something new", state="draft").replace("What comes", "Who")
    new = new.replace("Whom would", "Where would").replace("When did", "Why did")
    assert warnings_of(tmp_path, {"tips/new.md": new}) == []


def test_a_draft_check_in_need_not_stand_in_a_sequence(tmp_path: Path) -> None:
    roles = replace_once(ROLES, "      - {day: 30, item: check-in-30, why: A pause.}\n", "")
    files: dict[str, str | None] = {"roles.yaml": roles, "check-ins/check-in-30.md": changed(CHECK_IN, state="draft")}
    assert warnings_of(tmp_path, files) == []


@pytest.mark.parametrize("name", ["welcome", "closing-summary"])
def test_a_message_that_every_leader_gets_cannot_be_a_draft(tmp_path: Path, name: str) -> None:
    text = write_programme(tmp_path).joinpath(f"messages/{name}.md").read_text(encoding="utf-8")
    assert errors_of(tmp_path, {f"messages/{name}.md": changed(text, state="draft")}) == [
        f"messages/{name}.md:2:8: state: every leader gets the {name}, so it cannot be a draft; write state: live"
    ]


RIDING = replace_once(ROLES, "why: In its turn.}", "why: In its turn., with: [short-report]}").replace(
    "      - {day: 20, item: short-report, why: To read.}\n", ""
)
WITHOUT_ADDRESS = "".join(
    line for line in RESOURCE.splitlines(keepends=True) if not line.startswith(("url:", "address_checked:"))
)


@pytest.mark.parametrize(
    ("resource", "expected"),
    [
        (RESOURCE, [("listen-first", ()), ("short-report", ())]),
        (WITHOUT_ADDRESS, [("listen-first", ("short-report",))]),
    ],
    ids=["with an address, in its place", "without one, on the tip before"],
)
def test_what_rides_on_a_draft_comes_otherwise(
    tmp_path: Path, resource: str, expected: list[tuple[str, tuple[str, ...]]]
) -> None:
    files: dict[str, str | None] = {
        "roles.yaml": RIDING,
        "tips/share-early.md": changed(SHARE, state="draft"),
        "resources/short-report.md": resource,
    }
    steps = load(tmp_path, files).roles["director"].steps
    assert [(step.item, step.riders) for step in steps if step.item in ("listen-first", "short-report")] == expected


def test_what_rides_on_a_draft_without_an_address_rides_on_the_nearest_tip_before_it(tmp_path: Path) -> None:
    third = "      - {day: 15, item: third, why: Later., with: [short-report]}\n      - {day: 30"
    roles = ROLES.replace("      - {day: 20, item: short-report, why: To read.}\n", "").replace(
        "      - {day: 30", third
    )
    third_tip = changed(TIP, headline="A third", subject="The third", state="draft")
    files: dict[str, str | None] = {
        "roles.yaml": roles,
        "tips/third.md": third_tip,
        "resources/short-report.md": WITHOUT_ADDRESS,
    }
    steps = load(tmp_path, files).roles["director"].steps
    assert [(step.item, step.riders) for step in steps if step.riders] == [("share-early", ("short-report",))]


def test_what_rides_on_the_first_tip_rides_on_the_next_when_that_one_is_a_draft(tmp_path: Path) -> None:
    roles = replace_once(RIDING, "why: In its turn., with: [short-report]}", "why: In its turn.}")
    roles = replace_once(roles, "why: Early.}", "why: Early., with: [short-report]}")
    files: dict[str, str | None] = {
        "roles.yaml": roles,
        "tips/listen-first.md": changed(TIP, state="draft"),
        "resources/short-report.md": WITHOUT_ADDRESS,
    }
    assert Step(item="share-early", day=8, why="In its turn.", riders=("short-report",)) in (
        load(tmp_path, files).roles["director"].steps
    )


# ---------------------------------------------------------------- reviews


@pytest.mark.parametrize(
    ("today", "said"),
    [
        (None, []),
        (date(2026, 12, 1), []),
        (date(2026, 12, 2), ["1 day"]),
        (date(2027, 1, 10), ["40 days"]),
    ],
)
def test_an_overdue_review_is_said_with_its_day(tmp_path: Path, today: date | None, said: list[str]) -> None:
    text = changed(TIP, reviewed_by="Kim Sample", review_by="2026-12-01")
    assert warnings_of(tmp_path, {"tips/listen-first.md": text}, today=today) == [
        f"tips/listen-first.md:3:12: review_by: the review was due on 2026-12-01, {ago} ago; "
        "read it again, then set reviewed_by and a later day"
        for ago in said
    ]


# ---------------------------------------------------------------- repeats

REPEATS = {
    "a title": (
        {"tips/share-early.md": changed(SHARE, headline="listen before  you speak")},
        "tips/share-early.md:2:11: headline: the same stands in tips/listen-first.md:2; are they one item? "
        "Else give each a title of its own",
    ),
    "a title of another kind": (
        {"resources/short-report.md": RESOURCE.replace("A short report", "Share what worries you")},
        "resources/short-report.md:2:8: title: the same stands in tips/share-early.md:2; are they one item? "
        "Else give each a title of its own",
    ),
    "a subject": (
        {"tips/share-early.md": changed(SHARE, subject="Listen first")},
        "tips/share-early.md:2:10: subject: the same stands in tips/listen-first.md:3; "
        "in the inbox they look like one mail, so write another",
    ),
    "a question of another item": (
        {"tips/share-early.md": SHARE.replace("What is worth sharing early?", "what comes first")},
        "tips/share-early.md:10:17: ask: the same stands in tips/listen-first.md:10; ask something else here",
    ),
    "a question of the same tip": (
        {"tips/listen-first.md": TIP.replace("Whom would you ask?", "What comes first?")},
        "tips/listen-first.md:11:22: ask: the same stands in tips/listen-first.md:10; ask something else here",
    ),
    "a question of the same check-in": (
        {"check-ins/check-in-30.md": CHECK_IN.replace("What next?", "What surprised you?")},
        "check-ins/check-in-30.md:6:56: asks: the same stands in check-ins/check-in-30.md:6; ask something else here",
    ),
}


@pytest.mark.parametrize("case", REPEATS)
def test_what_stands_twice_is_said_at_the_second_place(tmp_path: Path, case: str) -> None:
    files, expected = REPEATS[case]
    assert warnings_of(tmp_path, {**files}) == [expected]


def test_two_check_ins_may_ask_the_same(tmp_path: Path) -> None:
    later = changed(CHECK_IN, subject="Sixty days").replace("Thirty", "Sixty").replace("day: 30", "day: 60")
    roles = ROLES.replace("      - {day: 100", "      - {day: 60, item: check-in-60, why: A pause.}\n      - {day: 100")
    assert warnings_of(tmp_path, {"check-ins/check-in-60.md": later, "roles.yaml": roles}) == []


# ---------------------------------------------------------------- windows and reach


def with_window(text: str, first: int, last: int, **keys: str) -> str:
    text = text.replace("earliest_day: 0", f"earliest_day: {first}").replace("latest_day: 60", f"latest_day: {last}")
    return changed(text, **keys)


def windows_of(folder: Path, listen: str, share: str, roles: str = ROLES) -> list[str]:
    files: dict[str, str | None] = {"tips/listen-first.md": listen, "tips/share-early.md": share, "roles.yaml": roles}
    return [line for line in warnings_of(folder, files) if "waits for" in line]


def test_a_window_that_closes_before_its_prerequisite_opens_is_said(tmp_path: Path) -> None:
    said = windows_of(tmp_path, with_window(TIP, 0, 30, after="[share-early]"), with_window(SHARE, 30, 60))
    assert said == [
        "tips/listen-first.md:7:13: latest_day: listen-first waits for share-early, which comes on day 30 at the "
        "earliest, and its own window closes on day 30; move one of the two windows"
    ]


def test_a_window_that_leaves_a_day_after_its_prerequisite_is_right(tmp_path: Path) -> None:
    assert windows_of(tmp_path, with_window(TIP, 0, 31, after="[share-early]"), with_window(SHARE, 30, 60)) == []


def test_what_comes_in_the_same_mail_needs_no_day_between(tmp_path: Path) -> None:
    roles = replace_once(ROLES, "      - {day: 8, item: share-early, why: In its turn.}\n", "")
    roles = replace_once(roles, "why: Early.}", "why: Early., with: [share-early]}")
    listen = with_window(TIP, 0, 30, after="[share-early]")
    assert windows_of(tmp_path, listen, with_window(SHARE, 30, 60), roles) == []


def test_a_chain_of_prerequisites_is_followed_to_its_start(tmp_path: Path) -> None:
    resource = changed(RESOURCE, earliest_day="40", latest_day="90")
    share = with_window(SHARE, 0, 60, after="[short-report]")
    files: dict[str, str | None] = {
        "resources/short-report.md": resource,
        "tips/share-early.md": share,
        "tips/listen-first.md": with_window(TIP, 0, 41, after="[share-early]"),
    }
    (said,) = [line for line in warnings_of(tmp_path, files) if "waits for" in line]
    assert "listen-first waits for share-early, which comes on day 41 at the earliest" in said


def test_a_window_that_excludes_only_a_draft_or_another_roles_item_is_right(tmp_path: Path) -> None:
    listen = with_window(TIP, 0, 30, after="[share-early]")
    assert windows_of(tmp_path, listen, with_window(SHARE, 40, 60, state="draft")) == []
    roles = replace_once(ROLES, "      - {day: 8, item: share-early, why: In its turn.}\n", "")
    said = windows_of(tmp_path, listen, with_window(SHARE, 40, 60), roles)
    assert [line for line in said if "earliest" in line] == []


def test_a_ring_of_prerequisites_ends(tmp_path: Path) -> None:
    listen, share = changed(TIP, after="[share-early]"), changed(SHARE, after="[listen-first]")
    errors = errors_of(tmp_path, {"tips/listen-first.md": listen, "tips/share-early.md": share})
    assert [error for error in errors if "so none of them can ever come" in error] == errors
    assert len(errors) == 1


def test_an_item_that_only_an_unused_sequence_names_is_met_by_no_role(tmp_path: Path) -> None:
    unused = (
        f"  nobody:\n    items:\n      - {{day: 5, item: extra, why: x}}\n{ROLES[ROLES.index('      - {day: -21') :]}"
    )
    extra = changed(TIP, headline="Another", subject="And another")
    said = warnings_of(tmp_path, {"tips/extra.md": extra, "roles.yaml": ROLES + unused})
    assert "tips/extra.md:1:1: no role meets extra; give it a place in a sequence of roles.yaml" in said


# ---------------------------------------------------------------- links and images

LINKS = {
    "a shortened link": ("[all of it](https://bit.ly/3abc)", "18:38: the link 'https://bit.ly/3abc' is shortened, "),
    "a shortened link with www": ("<https://www.tinyurl.com/x>", "18:27: the link 'https://www.tinyurl.com/x' is"),
    "a shortened address as it stands": ("at https://t.co/x.", "18:29: the link 'https://t.co/x' is shortened, "),
    "a shortened reference": ("here\n\n[a]: https://is.gd/x", "20:6: the link 'https://is.gd/x' is shortened, "),
    "an image without text": ("![](https://example.org/a.png)", "18:26: this image has no text, "),
    "an image as HTML": ('<img src="https://example.org/a.png">', "18:26: no mail shows images, and HTML stands as it"),
    "a link without text": ("[](https://example.org/a)", "18:26: this link has no text; "),
}


@pytest.mark.parametrize("case", LINKS)
def test_a_link_or_image_that_will_not_do_is_told_with_its_place(tmp_path: Path, case: str) -> None:
    words, expected = LINKS[case]
    (problem,) = errors_of(tmp_path, {"tips/listen-first.md": TIP.replace("what is hardest.", words)})
    assert problem.startswith(f"tips/listen-first.md:{expected}")


def test_a_shortened_address_of_a_resource_is_told(tmp_path: Path) -> None:
    text = RESOURCE.replace("https://example.org/report", "https://bit.ly/3abc")
    assert errors_of(tmp_path, {"resources/short-report.md": text}) == [
        "resources/short-report.md:8:6: the link 'https://bit.ly/3abc' is shortened, so nobody sees where it leads; "
        "write the address that it leads to"
    ]


def test_an_image_with_text_is_a_warning_as_it_shows_as_a_link(tmp_path: Path) -> None:
    text = TIP.replace("what is hardest.", "![what](https://example.org/a.png) is.")
    assert warnings_of(tmp_path, {"tips/listen-first.md": text}) == [
        "tips/listen-first.md:18:26: no mail or page shows images, so this one stands as a link; "
        "take the ! away, or leave it out"
    ]


def test_a_host_that_only_ends_like_a_shortener_is_none(tmp_path: Path) -> None:
    text = TIP.replace("what is hardest.", "[it](https://notbit.ly/x) or https://bit.ly.example.org/x.")
    assert warnings_of(tmp_path, {"tips/listen-first.md": text}) == []
