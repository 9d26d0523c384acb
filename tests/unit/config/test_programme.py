"""A programme's folder: what it becomes, and what is wrong with one of its files or with all of them together."""

from datetime import date
from pathlib import Path

import pytest

from config.load import load_programme
from config.problems import ConfigError
from config.reading.programme import read_programme
from models.domain import CheckIn, Message, Pace, Question, Resource, Role, SkillSet, Step, Theme, Tip, Wording
from tests.unit.config.folder import (
    CHECK_IN,
    FILES,
    PROGRAMME,
    RESOURCE,
    ROLES,
    TIP,
    WELCOME,
    replace_once,
    write_programme,
)

LATE = """\
late:
  headline: Listen now
  subject: Still time to listen
  why: It is never too late, {{name}}.
  action: Ring somebody today.
"""


def problems_of(folder: Path, changed: dict[str, str | None] | None = None, *, severity: str = "error") -> list[str]:
    """Problems of that severity, each with the path under the folder."""
    problems = read_programme(write_programme(folder, changed)).problems
    shown = [str(problem) for problem in problems if problem.severity == severity]
    return [problem.removeprefix(f"{folder}/").removeprefix(str(folder)) for problem in shown]


def tip_with(*lines: str) -> str:
    """The sample tip with these lines added to its front matter."""
    return TIP.replace("---\n", "---\n" + "".join(f"{line}\n" for line in lines), 1)


def without(text: str, key: str) -> str:
    return "".join(line for line in text.splitlines(keepends=True) if not line.startswith(f"{key}:"))


def test_a_folder_becomes_a_programme(tmp_path: Path):
    programme = load_programme(write_programme(tmp_path / "systems-first"))
    assert programme.id == "systems-first"
    assert programme.name == "First 100 days"
    assert programme.themes == (Theme(id="systems", name="Systems leadership", purpose="Work across borders."),)
    assert programme.skill_sets == {"listening": SkillSet(id="listening", name="Listening", description="Hear others.")}
    assert programme.roles == {
        "director": Role(
            id="director",
            name="Director",
            pace="standard",
            steps=(
                Step(item="welcome", day=-21, why="It comes first."),
                Step(item="listen-first", day=1, why="Early."),
                Step(item="share-early", day=8, why="In its turn."),
                Step(item="short-report", day=20, why="To read."),
                Step(item="check-in-30", day=30, why="A pause."),
                Step(item="closing-summary", day=100, why="The end."),
            ),
        )
    }
    assert programme.paces == {
        "light": Pace(name="light", week_cap=2, gap_days=3, prompts=3, ask_below=None),
        "standard": Pace(name="standard", week_cap=2, gap_days=2, prompts=3, ask_below=0.85),
        "full": Pace(name="full", week_cap=3, gap_days=1, prompts=3, ask_below=0.85),
    }
    assert (programme.first_day, programme.last_day, programme.closing_last_day) == (-28, 100, 103)
    assert (programme.tips_by_day, programme.resources_by_day, programme.late_grace_days) == (70, 95, 28)
    assert programme.open_tracking == "ask"


def test_a_tip_file_becomes_a_tip(tmp_path: Path):
    text = replace_once(tip_with("after: [share-early]", "before_start: true"), "send\n", f"late_wording\n{LATE}")
    programme = load_programme(write_programme(tmp_path, {"tips/listen-first.md": text}))
    assert programme.items["listen-first"] == Tip(
        id="listen-first",
        title="Listen before you speak",
        subject="Listen first",
        preheader="Ten minutes with one partner.",
        earliest_day=0,
        latest_day=60,
        after=("share-early",),
        when_late="late_wording",
        skill_sets=("listening",),
        questions=(
            Question(kind="recall", ask="What comes first?", answer="Listening."),
            Question(kind="application", ask="Whom would you ask?", answer="Anybody outside."),
            Question(kind="reflection", ask="When did you last listen?", answer="Who spoke most."),
        ),
        why="People tell you more when you ask first.",
        action="Ring one partner and ask what is hardest.",
        before_start=True,
        late=Wording(
            headline="Listen now",
            subject="Still time to listen",
            why="It is never too late, {{name}}.",
            action="Ring somebody today.",
        ),
    )


def test_the_other_files_become_a_resource_a_check_in_and_a_message(tmp_path: Path):
    text = replace_once(RESOURCE, "format: report\n", "format: report\nauthor: A. Sample\npublished: 2015\n")
    items = load_programme(write_programme(tmp_path, {"resources/short-report.md": text})).items
    assert items["short-report"] == Resource(
        id="short-report",
        title="A short report",
        subject="One report to read",
        preheader="Five pages on what others found.",
        earliest_day=-28,
        latest_day=100,
        skill_sets=("listening",),
        questions=(Question(kind="application", ask="What would you borrow?", answer="One idea is enough."),),
        format="report",
        author="A. Sample",
        published="2015",
        covers="What others found when they tried.",
        read="The summary",
        minutes=5,
        url="https://example.org/report",
        address_checked=date(2026, 11, 1),
    )
    assert items["check-in-30"] == CheckIn(
        id="check-in-30",
        title="Thirty days in",
        subject="Three short questions",
        preheader="No marks and no right answers.",
        day=30,
        body="Look back for five minutes.",
        asks=("Whom do you know now?", "What surprised you?", "What next?"),
    )
    assert items["welcome"] == Message(
        id="welcome",
        title="Welcome",
        subject="What we will send you",
        preheader="Short mails, and one choice.",
        day=-21,
        body="Hello {{name}}, this runs up to day 100.",
    )


def test_a_message_may_put_a_choice_in_words_of_its_own(tmp_path: Path):
    text = replace_once(WELCOME, "day: -21\n", 'day: -21\nchoice: "May we see it, {{name}}?"\n')
    welcome = load_programme(write_programme(tmp_path, {"messages/welcome.md": text})).items["welcome"]
    assert isinstance(welcome, Message)
    assert welcome.choice == "May we see it, {{name}}?"


def test_a_programme_changes_paces_and_limits(tmp_path: Path):
    text = f"""{PROGRAMME}paces:
  light: {{in_any_seven_days: 1, gap_days: 7, prompts: 2, ask_below: null}}
  brisk: {{in_any_seven_days: 4, gap_days: 1, prompts: 2, ask_below: 0.9}}
last_day: 90
tips_by_day: 60
resources_by_day: 80
open_tracking: off
"""
    roles = ROLES.replace("standard", "brisk").replace("day: 100", "day: 90")
    programme = load_programme(write_programme(tmp_path, {"programme.yaml": text, "roles.yaml": roles}))
    assert programme.paces["light"] == Pace(name="light", week_cap=1, gap_days=7, prompts=2, ask_below=None)
    assert programme.paces["brisk"] == Pace(name="brisk", week_cap=4, gap_days=1, prompts=2, ask_below=0.9)
    assert programme.paces["full"].week_cap == 3
    assert (programme.last_day, programme.closing_last_day, programme.open_tracking) == (90, 93, "off")


def test_riders_and_optional_items_stand_in_the_role(tmp_path: Path):
    roles = replace_once(ROLES, "why: Early.}", "why: Early., with: [short-report]}")
    roles = "".join(line for line in roles.splitlines(keepends=True) if "day: 20" not in line and "day: 8" not in line)
    resource = without(without(RESOURCE, "url"), "address_checked")
    changed = {"roles.yaml": f"{roles}    optional: [share-early]\n", "resources/short-report.md": resource}
    role = load_programme(write_programme(tmp_path, changed)).roles["director"]
    assert role.item_ids == ("welcome", "listen-first", "short-report", "check-in-30", "closing-summary")
    assert role.optional == ("share-early",)


def test_line_numbers_stay_true_with_windows_line_ends_and_rules_in_the_body(tmp_path: Path):
    text = replace_once(TIP, "Ring one partner", "---\n\n{{nmae}} rings one partner").replace("\n", "\r\n")
    write_programme(tmp_path)
    (tmp_path / "tips/listen-first.md").write_bytes(b"\xef\xbb\xbf" + text.encode())
    (problem,) = read_programme(tmp_path).problems
    assert str(problem) == f"{tmp_path}/tips/listen-first.md:20:1: '{{{{nmae}}}}' is no token; did you mean name?"


# ---------------------------------------------------------------- one file

TIP_FAULTS = {
    "no front matter": ("Just text.\n", "1:1: this file should start with a line '---' and its keys; "),
    "front matter without an end": ("---\nheadline: x\n", "1:1: the keys that start here never end; "),
    "no section": (replace_once(TIP, "## Ten minutes", ""), "14:1: the section '## Ten minutes' is missing; "),
    "another section": (
        replace_once(TIP, "## Ten minutes", "## Ten minuets"),
        "16:1: the heading 'Ten minuets' has no place here; the only one is '## Ten minutes'",
    ),
    "no reason": (
        replace_once(TIP, "People tell you more when you ask first.", ""),
        "16:1: there is no text above '## Ten minutes', why; write it",
    ),
    "nothing to do": (
        replace_once(TIP, "Ring one partner and ask what is hardest.", ""),
        "16:1: there is no text below '## Ten minutes', what to do; write it",
    ),
    "an unknown key": (tip_with("headlnie: x"), "2:1: 'headlnie' is not a key known here; did you mean headline?"),
    "an unknown key further in": (
        replace_once(TIP, "recall: {ask:", "recall: {aks: x, ask:"),
        "10:12: 'aks' is not a key known here; did you mean ask?",
    ),
    "an unknown question": (
        replace_once(TIP, "  recall:", "  recal:"),
        "10:3: 'recal' is not a key known here; did you mean recall?",
    ),
    "a missing subject": (without(TIP, "subject"), "2:1: subject is missing; add it here"),
    "an unknown token": (
        replace_once(TIP, "ask what", "ask {{nmae}} what"),
        "18:26: '{{nmae}}' is no token; did you mean name?",
    ),
    "a token with spaces": (
        replace_once(TIP, "ask what", "ask {{ name }} what"),
        "18:26: '{{ name }}' has spaces inside; write {{name}}",
    ),
    "half a token": (
        replace_once(TIP, "ask what", "ask {{name what"),
        "18:26: '{{' stands alone here; a token is written {{name}}, and there is no other",
    ),
    "a template": (
        replace_once(TIP, "ask what", "ask {% if x %} what"),
        "18:26: '{% if x %}' stands alone here; a token is written {{name}}, and there is no other",
    ),
    "a token where none is replaced": (
        replace_once(TIP, '"What comes first?"', '"What, {{name}}?"'),
        "10:17: {{…}} is replaced in bodies, subjects and preheaders only; write this text without it",
    ),
    "an unknown token in the subject": (
        replace_once(TIP, "Listen first", '"Listen, {{nmae}}"'),
        "3:10: '{{nmae}}' is no token; did you mean name?",
    ),
    "a link that runs code": (
        replace_once(TIP, "what is hardest", "[what](javascript:alert(1)) is hardest"),
        "18:33: the link 'javascript:alert(1' is no web address; write it whole, starting with https://",
    ),
    "a link that leads nowhere": (
        replace_once(TIP, "what is hardest", "[what](page.html) is hardest"),
        "18:33: the link 'page.html' is no web address; write it whole, starting with https://",
    ),
    "an unknown policy": (
        replace_once(TIP, "when_late: send", "when_late: sned"),
        "7:12: when_late: 'sned' is not known; did you mean send?",
    ),
    "a late wording that is not there": (
        replace_once(TIP, "when_late: send", "when_late: late_wording"),
        "7:12: when_late: there is no late wording; add 'late:' with headline, subject, why and action",
    ),
    "a late wording that is never used": (
        tip_with(*LATE.splitlines()),
        "2:1: late: this wording is never used with when_late: send; write when_late: late_wording",
    ),
    "a window that closes before it opens": (
        replace_once(TIP, "earliest_day: 0", "earliest_day: 61"),
        "6:13: latest_day: the window closes on day 60, before it opens on day 61; swap or widen it",
    ),
    "a window outside the programme": (
        replace_once(TIP, "latest_day: 60", "latest_day: 101"),
        "6:13: latest_day: day 101 is outside the programme; use -28 to 100",
    ),
    "a day that is no number": (
        replace_once(TIP, "latest_day: 60", "latest_day: late"),
        "6:13: latest_day should be a whole number and is the text 'late'; write one from -100 to 400",
    ),
    "an unknown prerequisite": (
        tip_with("after: [share-erly]"),
        "2:9: after: 'share-erly' is no item of this programme; did you mean share-early?",
    ),
    "a prerequisite that is no tip": (
        tip_with("after: [welcome]"),
        "2:9: after: welcome is a message; only tips and resources can come first",
    ),
    "a prerequisite of itself": (
        tip_with("after: [listen-first]"),
        "2:8: after: listen-first waits for listen-first, so none of them can ever come; remove one of the waits",
    ),
    "an unknown skill set": (
        replace_once(TIP, "{main: listening}", "{main: listenign}"),
        "8:20: main: 'listenign' is no skill set; did you mean listening?",
    ),
    "another unknown skill set": (
        replace_once(TIP, "{main: listening}", "{main: listening, also: [speaking]}"),
        "8:38: also: 'speaking' is no skill set; use one of: listening",
    ),
    "an unknown theme": (tip_with("theme: system"), "2:8: theme: 'system' is no theme; did you mean systems?"),
    "broken front matter": (replace_once(TIP, "subject: ", "subject "), "3:1: there is no colon after the key"),
}
RESOURCE_FAULTS = {
    "an address that runs code": (
        replace_once(RESOURCE, "https://example.org/report", "javascript:alert(1)"),
        "8:6: url: 'javascript:alert(1)' is no web address; write it whole, starting with https://",
    ),
    "an address that holds its data": (
        replace_once(RESOURCE, "https://example.org/report", "data:text/html,x"),
        "8:6: url: 'data:text/html,x' is no web address; write it whole, starting with https://",
    ),
    "an address with a login": (
        replace_once(RESOURCE, "https://example.org", "https://nhs.uk@example.org"),
        "8:6: url: 'https://nhs.uk@example.org/report' is no web address; ",
    ),
    "a long read": (
        replace_once(RESOURCE, "minutes: 5", "minutes: 25"),
        "7:10: minutes: 25 is out of range; write a number from 1 to 10",
    ),
    "a late wording": (
        replace_once(RESOURCE, "minutes: 5", "minutes: 5\nwhen_late: late_wording"),
        "8:12: when_late: a resource has no late wording; write send or skip",
    ),
    "an impossible date": (
        replace_once(RESOURCE, "2026-11-01", "2026-11-31"),
        "9:18: address_checked: '2026-11-31' is no date: November 2026 has 30 days; write a day that exists",
    ),
    "no text": (
        replace_once(RESOURCE, "What others found when they tried.\n", ""),
        "14:1: the text is missing; write it below the second line '---'",
    ),
}


@pytest.mark.parametrize("fault", TIP_FAULTS)
def test_a_fault_in_a_tip_is_told_with_its_place(tmp_path: Path, fault: str):
    text, expected = TIP_FAULTS[fault]
    (problem,) = problems_of(tmp_path, {"tips/listen-first.md": text})
    assert problem.startswith(f"tips/listen-first.md:{expected}")


@pytest.mark.parametrize("fault", RESOURCE_FAULTS)
def test_a_fault_in_a_resource_is_told_with_its_place(tmp_path: Path, fault: str):
    text, expected = RESOURCE_FAULTS[fault]
    (problem,) = problems_of(tmp_path, {"resources/short-report.md": text})
    assert problem.startswith(f"resources/short-report.md:{expected}")


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("check-ins/check-in-30.md", without(CHECK_IN, "day"), "2:1: day is missing; add it here"),
        ("check-ins/check-in-30.md", CHECK_IN.replace('"What next?"', '"b", "c"'), "6:7: asks holds 4 questions; "),
        ("messages/welcome.md", WELCOME.replace("Hello", "Hello {{nmae}}"), "7:7: '{{nmae}}' is no token; "),
        ("messages/welcome.md", WELCOME.replace("title:", "tilte:"), "2:1: 'tilte' is not a key known here; "),
    ],
)
def test_a_fault_in_another_file_is_told_with_its_place(tmp_path: Path, name: str, text: str, expected: str):
    assert f"{name}:{expected}" in "\n".join(problems_of(tmp_path, {name: text}))


# ---------------------------------------------------------------- the files together

ROLES_FAULTS = {
    "an unknown item": (
        replace_once(ROLES, "item: share-early", "item: share-erly"),
        "8:24: item: 'share-erly' is no item; did you mean share-early?",
    ),
    "an unknown rider": (
        replace_once(ROLES, "why: Early.}", "why: Early., with: [short-repotr]}"),
        "7:58: with: 'short-repotr' is no item; did you mean short-report?",
    ),
    "an unknown optional item": (
        f"{ROLES}    optional: [lunch]\n",
        "12:16: optional: 'lunch' is no item; use one of: listen-first, share-early, short-report",
    ),
    "an item twice": (
        replace_once(ROLES, "item: share-early", "item: listen-first"),
        "8:24: item: listen-first stands on line 7 of this sequence already; keep one",
    ),
    "an item as a step and as a rider": (
        replace_once(ROLES, "why: Early.}", "why: Early., with: [share-early]}"),
        "8:24: item: share-early stands on line 7 of this sequence already; keep one",
    ),
    "a check-in as a rider": (
        replace_once(ROLES, "      - {day: 30, item: check-in-30, why: A pause.}\n", "").replace(
            "why: Early.}", "why: Early., with: [check-in-30]}"
        ),
        "7:58: with: check-in-30 is a check-in, which has a place of its own; move it to items",
    ),
    "no welcome": (
        replace_once(ROLES, "      - {day: -21, item: welcome, why: It comes first.}\n", ""),
        "4:3: the sequence 'director' has no welcome; add it to its items",
    ),
    "no closing summary": (
        replace_once(ROLES, "      - {day: 100, item: closing-summary, why: The end.}\n", ""),
        "4:3: the sequence 'director' has no closing-summary; add it to its items",
    ),
    "a day outside the programme": (
        replace_once(ROLES, "{day: 1,", "{day: 101,"),
        "7:15: day: 101 is outside the programme; use -28 to 100",
    ),
    "an unknown sequence": (
        replace_once(ROLES, "sequence: director", "sequence: driector"),
        "2:62: sequence: 'driector' is no sequence; did you mean director?",
    ),
    "an unknown pace": (
        replace_once(ROLES, "pace: standard", "pace: standrad"),
        "2:42: pace: 'standrad' is no pace; did you mean standard?",
    ),
    "a role without a sequence": (
        replace_once(ROLES, ", sequence: director", ""),
        "2:5: sequence is missing; add it here",
    ),
    "a role twice": (
        replace_once(ROLES, "roles:\n", "roles:\n  - {id: director, name: D, pace: full, sequence: director}\n"),
        "3:10: id: director stands on line 2 already; rename one",
    ),
    "a role whose name is no id": (
        replace_once(ROLES, "id: director", "id: The Director"),
        "2:10: id: 'The Director' is no id; use small letters, digits and hyphens, like share-risk-early",
    ),
    "an unknown key in a step": (
        replace_once(ROLES, "why: Early.", "wyh: x, why: Early."),
        "7:38: 'wyh' is not a key known here; did you mean why?",
    ),
}
PROGRAMME_FAULTS = {
    "no name": (without(PROGRAMME, "name"), "1:1: name is missing; add it here"),
    "no themes": (
        "name: x\nthemes: []\nskill_sets: [{id: listening, name: x, description: x}]\n",
        "2:9: themes is an empty list; name at least one",
    ),
    "a theme twice": (
        PROGRAMME.replace("themes:\n", "themes:\n  - {id: systems, name: x, purpose: x}\n"),
        "4:10: id: systems stands on line 3 already; rename one",
    ),
    "an impossible pace": (
        f"{PROGRAMME}paces:\n  light: {{in_any_seven_days: 8, gap_days: 1, prompts: 1}}\n",
        "7:30: in_any_seven_days: 8 is out of range; write a number from 1 to 7",
    ),
    "a probability above one": (
        f"{PROGRAMME}paces:\n  light: {{in_any_seven_days: 2, gap_days: 1, prompts: 1, ask_below: 85}}\n",
        "7:69: ask_below should be a number between 0 and 1, or null for none; write it like 0.85",
    ),
    "a key of a pace that is not known": (
        f"{PROGRAMME}paces:\n  light: {{in_any_seven_dyas: 2, in_any_seven_days: 2, gap_days: 1, prompts: 1}}\n",
        "7:11: 'in_any_seven_dyas' is not a key known here; did you mean in_any_seven_days?",
    ),
    "an end before the end": (f"{PROGRAMME}closing_last_day: 99\n", "6:19: closing_last_day: 99 comes before last_day"),
    "tips after the end": (f"{PROGRAMME}tips_by_day: 101\n", "6:14: tips_by_day: day 101 is outside the programme; "),
    "tracking that is not known": (
        f"{PROGRAMME}open_tracking: yes\n",
        "6:16: open_tracking: 'yes' is not known; use one of: off, ask, on",
    ),
    "a text instead of keys": ("First 100 days\n", "1:1: this should be keys with values and is the text 'First 100"),
}


@pytest.mark.parametrize("fault", ROLES_FAULTS)
def test_a_fault_in_the_roles_is_told_with_its_place(tmp_path: Path, fault: str):
    text, expected = ROLES_FAULTS[fault]
    problems = problems_of(tmp_path, {"roles.yaml": text})
    assert [problem for problem in problems if problem.startswith(f"roles.yaml:{expected}")] == problems[:1]
    assert len(problems) == 1


@pytest.mark.parametrize("fault", PROGRAMME_FAULTS)
def test_a_fault_in_the_programme_is_told_with_its_place(tmp_path: Path, fault: str):
    text, expected = PROGRAMME_FAULTS[fault]
    (problem,) = problems_of(tmp_path, {"programme.yaml": text})
    assert problem.startswith(f"programme.yaml:{expected}")


def test_a_resource_without_an_address_cannot_come_alone(tmp_path: Path):
    resource = without(without(RESOURCE, "url"), "address_checked")
    assert problems_of(tmp_path, {"resources/short-report.md": resource}) == [
        "roles.yaml:9:25: item: short-report has no url, so it cannot come alone; put it under 'with:' of a related tip"
    ]


def test_an_address_that_was_checked_must_be_there(tmp_path: Path):
    problems = problems_of(tmp_path, {"resources/short-report.md": without(RESOURCE, "url")})
    assert "resources/short-report.md:8:18: address_checked: there is no url that was checked; " in "\n".join(problems)


def test_a_ring_of_prerequisites_is_told_once_with_all_its_items(tmp_path: Path):
    changed = {
        "tips/listen-first.md": tip_with("after: [share-early]"),
        "tips/share-early.md": tip_with("after: [third]"),
        "tips/third.md": tip_with("after: [listen-first]"),
    }
    assert problems_of(tmp_path, {**changed}) == [
        "tips/listen-first.md:2:8: after: listen-first waits for share-early waits for third waits for listen-first, "
        "so none of them can ever come; remove one of the waits"
    ]


@pytest.mark.parametrize("name", ["messages/welcome.md", "messages/closing-summary.md"])
def test_a_programme_needs_its_two_messages(tmp_path: Path, name: str):
    item = Path(name).stem
    problems = problems_of(tmp_path, {name: None})
    assert f": the programme has no {item}; write {name}" in problems


def test_an_id_belongs_to_one_file(tmp_path: Path):
    assert problems_of(tmp_path, {"resources/listen-first.md": RESOURCE}) == [
        f"resources/listen-first.md: listen-first is the tip {tmp_path}/tips/listen-first.md already; "
        "rename one of the two files"
    ]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("tips/Share Risk.md", "tips/Share Risk.md: 'Share Risk' is no id; rename the file"),
        ("messages/welcom.md", "messages/welcom.md: 'welcom' is no message; did you mean welcome?"),
    ],
)
def test_a_file_name_is_an_id(tmp_path: Path, name: str, expected: str):
    (problem,) = problems_of(tmp_path, {name: TIP})
    assert problem.startswith(expected)


@pytest.mark.parametrize("name", ["tips/.DS_Store", "tips/listen-first.md~", "tips/README.md"])
def test_what_editors_leave_behind_is_not_read(tmp_path: Path, name: str):
    assert read_programme(write_programme(tmp_path, {name: "x"})).problems == ()


def test_with_several_themes_every_tip_names_its_own(tmp_path: Path):
    text = PROGRAMME.replace("themes:\n", "themes:\n  - {id: second, name: x, purpose: x}\n")
    words = "2:1: theme is missing; the programme has several, so use one of: second, systems"
    assert problems_of(tmp_path, {"programme.yaml": text, "tips/listen-first.md": tip_with("theme: second")}) == [
        f"tips/share-early.md:{words}",
        f"resources/short-report.md:{words}",
    ]


def test_a_folder_that_is_missing_is_named(tmp_path: Path):
    write_programme(tmp_path, {name: None for name in FILES if name.startswith("check-ins/")})
    (tmp_path / "check-ins").rmdir()
    problems = [str(problem) for problem in read_programme(tmp_path).problems]
    assert f"{tmp_path}/check-ins: the programme has no folder check-ins that can be read; " in problems[0]


def test_a_folder_without_a_programme_is_named_once(tmp_path: Path):
    with pytest.raises(ConfigError) as caught:
        load_programme(tmp_path / "nothing")
    assert [problem.path for problem in caught.value.problems] == [f"{tmp_path}/nothing"]


def test_every_file_is_read_on_after_a_fault_in_another(tmp_path: Path):
    changed = {
        "programme.yaml": "name First\n",
        "roles.yaml": ROLES.replace("share-early", "share-late"),
        "tips/listen-first.md": TIP.replace("subject", "sbject"),
    }
    assert [problem.split(":")[0] for problem in sorted(problems_of(tmp_path, {**changed}))] == [
        "programme.yaml",
        "roles.yaml",
        "tips/listen-first.md",
        "tips/listen-first.md",
    ]


# ---------------------------------------------------------------- warnings


def long(words: int) -> str:
    return " ".join(["word"] * words)


WARNINGS: dict[str, tuple[dict[str, str | None], str]] = {
    "a question too few": (
        {"tips/listen-first.md": "".join(line for line in TIP.splitlines(keepends=True) if "reflection:" not in line)},
        "tips/listen-first.md:10:3: questions: reflection not asked; add what is missing, with ask and answer",
    ),
    "a prerequisite out of reach": (
        {"tips/listen-first.md": tip_with("after: [other]"), "tips/other.md": TIP},
        "roles.yaml:7:24: listen-first waits for other, which the sequence 'director' does not hold; "
        "add it or drop the wait",
    ),
    "an item that no role meets": (
        {"tips/other.md": TIP},
        "tips/other.md:1:1: no role meets other; give it a place in a sequence of roles.yaml",
    ),
    "an address not confirmed": (
        {"resources/short-report.md": without(RESOURCE, "address_checked")},
        "resources/short-report.md:8:6: url was seen but not confirmed; "
        "open it once and set address_checked to that day",
    ),
    "a long subject": (
        {"tips/listen-first.md": TIP.replace("Listen first", "L" * 46)},
        "tips/listen-first.md:3:10: subject is 46 characters long and will be cut off; use at most 45",
    ),
    "a long headline": (
        {"tips/listen-first.md": TIP.replace("Listen before you speak", long(9))},
        "tips/listen-first.md:2:11: headline has 9 words; use at most 8",
    ),
    "a long why": (
        {"tips/listen-first.md": TIP.replace("People tell you more when you ask first.", long(41))},
        "tips/listen-first.md:14:1: why has 41 words; use at most 40",
    ),
    "a long action": (
        {"tips/listen-first.md": TIP.replace("Ring one partner and ask what is hardest.", long(36))},
        "tips/listen-first.md:16:1: action has 36 words; use at most 35",
    ),
    "a long question": (
        {"tips/listen-first.md": TIP.replace("What comes first?", long(21))},
        "tips/listen-first.md:10:17: ask has 21 words; use at most 20",
    ),
    "a long account of a resource": (
        {"resources/short-report.md": RESOURCE.replace("What others found when they tried.", long(41))},
        "resources/short-report.md:14:1: the text has 41 words; use at most 40",
    ),
    "a preheader that says nothing new": (
        {"tips/listen-first.md": TIP.replace("Ten minutes with one partner.", "Listen first.")},
        "tips/listen-first.md:4:12: preheader repeats the subject; say something more",
    ),
    "a sequence without a check-in": (
        {"roles.yaml": ROLES.replace("      - {day: 30, item: check-in-30, why: A pause.}\n", "")},
        "roles.yaml:4:3: the sequence 'director' has no check-in-30; add it to its items",
    ),
    "a check-in on another day than its own": (
        {"roles.yaml": ROLES.replace("day: 30", "day: 33")},
        "roles.yaml:10:15: day: 33 is not the day that check-in-30 names itself, 30; make them agree",
    ),
    "a tip aimed outside its window": (
        {"roles.yaml": ROLES.replace("day: 8", "day: 61")},
        "roles.yaml:8:15: day: 61 is outside the window of share-early, 0 to 60; move it, or widen the window",
    ),
    "a sequence that no role uses": (
        {"roles.yaml": f"{ROLES}  chair:\n{ROLES[ROLES.index('    items:') :]}"},
        "roles.yaml:12:3: no role uses the sequence 'chair'; name it in a role, or remove it",
    ),
    "a file that is not read": (
        {"tips/other.txt": "x"},
        "tips/other.txt: this file is not read; the names of items end with .md",
    ),
}


@pytest.mark.parametrize("case", WARNINGS)
def test_what_is_doubtful_is_warned_of_and_the_programme_still_loads(tmp_path: Path, case: str):
    changed, expected = WARNINGS[case]
    assert expected in problems_of(tmp_path, changed, severity="warning")
    assert read_programme(tmp_path).programme is not None


def test_texts_as_long_as_they_may_be_give_no_warning(tmp_path: Path):
    text = TIP.replace("Listen first", "L" * 45).replace("Listen before you speak", long(8))
    text = text.replace("People tell you more when you ask first.", long(40))
    text = text.replace("Ring one partner and ask what is hardest.", long(35)).replace("What comes first?", long(20))
    assert problems_of(tmp_path, {"tips/listen-first.md": text}, severity="warning") == []


def test_the_sample_programme_gives_no_warning(tmp_path: Path):
    assert read_programme(write_programme(tmp_path)).problems == ()


def test_words_are_counted_as_a_reader_sees_them(tmp_path: Path):
    text = TIP.replace(
        "Ring one partner and ask what is hardest.", f"[{long(34)}](https://example.org/a) — {{{{name}}}}"
    )
    assert problems_of(tmp_path, {"tips/listen-first.md": text}, severity="warning") == []


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("programme.yaml", f"{PROGRAMME}name: Twice\n", "6:1: name stands here and on line 1; keep one of the two"),
        ("roles.yaml", f"{ROLES}roles: []\n", "12:1: roles stands here and on line 1; keep one of the two"),
        ("tips/listen-first.md", tip_with("subject: x"), "4:1: subject stands here and on line 2; keep one of the two"),
    ],
)
def test_a_key_written_twice_is_refused_in_every_file(tmp_path: Path, name: str, text: str, expected: str):
    assert problems_of(tmp_path, {name: text}) == [f"{name}:{expected}"]
