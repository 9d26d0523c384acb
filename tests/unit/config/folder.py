"""A small config folder on disk, sound until a test says otherwise."""

from collections.abc import Mapping
from pathlib import Path

from config.load import Config, load_config
from config.problems import ConfigError

LEADER = """\
- name: Sam Sample
  email: sam.sample@example.org
  role: director
  organisation: Example Hospitals
  start_date: 2027-01-11
"""

TIP = """\
---
headline: Listen before you speak
subject: Listen first
preheader: Ten minutes with one partner.
earliest_day: 0
latest_day: 60
when_late: send
skill_sets: {main: listening}
questions:
  recall: {ask: "What comes first?", answer: "Listening."}
  application: {ask: "Whom would you ask?", answer: "Anybody outside."}
  reflection: {ask: "When did you last listen?", answer: "Who spoke most."}
---
People tell you more when you ask first.

## Ten minutes

Ring one partner and ask what is hardest.
"""

SHARE = """\
---
headline: Share what worries you
subject: One worry to share
preheader: A line to a partner is enough.
earliest_day: 0
latest_day: 60
when_late: send
skill_sets: {main: listening}
questions:
  recall: {ask: "What is worth sharing early?", answer: "A worry."}
  application: {ask: "Whom would it help to know?", answer: "A partner."}
  reflection: {ask: "What do you keep to yourself?", answer: "What holds you back."}
---
Partners find out in the end.

## Ten minutes

Write three lines about one worry.
"""

RESOURCE = """\
---
title: A short report
subject: One report to read
preheader: Five pages on what others found.
format: report
read: The summary
minutes: 5
url: https://example.org/report
address_checked: 2026-11-01
skill_sets: {main: listening}
questions:
  application: {ask: "What would you borrow?", answer: "One idea is enough."}
---
What others found when they tried.
"""

CHECK_IN = """\
---
title: Thirty days in
subject: Three short questions
preheader: No marks and no right answers.
day: 30
asks: ["Whom do you know now?", "What surprised you?", "What next?"]
---
Look back for five minutes.
"""

WELCOME = """\
---
title: Welcome
subject: What we will send you
preheader: Short mails, and one choice.
day: -21
---
Hello {{name}}, this runs up to day 100.
"""

CLOSING = """\
---
title: The end
subject: Your record
preheader: What you tried and kept.
day: 100
---
Thank you.
"""

PROGRAMME = """\
name: First 100 days
themes:
  - {id: systems, name: Systems leadership, purpose: Work across borders.}
skill_sets:
  - {id: listening, name: Listening, description: Hear others.}
"""

ROLES = """\
roles:
  - {id: director, name: Director, pace: standard, sequence: director}
sequences:
  director:
    items:
      - {day: -21, item: welcome, why: It comes first.}
      - {day: 1, item: listen-first, why: Early.}
      - {day: 8, item: share-early, why: In its turn.}
      - {day: 20, item: short-report, why: To read.}
      - {day: 30, item: check-in-30, why: A pause.}
      - {day: 100, item: closing-summary, why: The end.}
"""

FILES: Mapping[str, str] = {
    "programme.yaml": PROGRAMME,
    "roles.yaml": ROLES,
    "tips/listen-first.md": TIP,
    "tips/share-early.md": SHARE,
    "resources/short-report.md": RESOURCE,
    "check-ins/check-in-30.md": CHECK_IN,
    "messages/welcome.md": WELCOME,
    "messages/closing-summary.md": CLOSING,
}


def write_programme(folder: Path, changed: Mapping[str, str | None] | None = None) -> Path:
    """The programme's files, some of them with another text, or left out (None)."""
    for name in ("tips", "resources", "check-ins", "messages"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    for name, text in {**FILES, **(changed or {})}.items():
        if text is not None:
            (folder / name).write_text(text, encoding="utf-8")
    return folder


def write_config(
    folder: Path, files: Mapping[str, str | bytes] | None = None, programme: Mapping[str, str | None] | None = None
) -> Path:
    """A config folder with one programme and these files beside it."""
    write_programme(folder / "first-100-days", programme)
    for name, content in (files or {}).items():
        (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder


def load_leaders(folder: Path, leaders: str | bytes, *, name: str = "leaders.yaml") -> Config:
    """The config with this text of its leaders' file."""
    return load_config(write_config(folder, {name: leaders}), {})


def problems_in(folder: Path, environ: Mapping[str, str] | None = None) -> list[str]:
    """What is wrong with the config, each as `path:line:column: message` with the path under the folder."""
    try:
        problems = load_config(folder, environ or {}).warnings
    except ConfigError as error:
        problems = error.problems
    return [str(problem).removeprefix(f"{folder}/") for problem in problems]


def replace_once(text: str, old: str, new: str) -> str:
    """The text with one passage changed; the passage must stand in it exactly once."""
    assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in the text"
    return text.replace(old, new)
