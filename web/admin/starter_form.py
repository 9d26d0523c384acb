"""The form for one starter: what was typed becomes a wish for a row, and what is wrong is told beside its field."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import Form

from config.problems import Problem
from config.reading.documents import place_fields
from config.reading.leader_rows import REQUIRED_KEYS, Row
from config.reading.passage import KeyPath
from config.writing.yaml_values import Value

LABELS: Mapping[str, str] = {
    "name": "Name",
    "email": "E-mail address",
    "role": "Role",
    "organisation": "Organisation",
    "start_date": "First day in post",
    "id": "Staff number",
    "formerly": "Earlier e-mail address",
    "cohort": "Cohort",
    "programmes": "Programmes",
    "pace": "Pace",
    "working_days": "Working days",
    "send_at": "Time of day",
    "time_zone": "Time zone",
    "holidays": "Public holidays",
    "away": "Days away",
    "assistant_reads": "Somebody else opens this leader’s e-mail",
}
_ASKS: Mapping[str, str] = {
    "name": "Enter the name, first name first",
    "email": "Enter the e-mail address",
    "role": "Choose the role",
    "organisation": "Enter the organisation",
    "start_date": "Enter the first day in post",
}
_FORM = "the form"
Text = Annotated[str, Form()]
Texts = Annotated[list[str], Form(default_factory=list)]


@dataclass(frozen=True, slots=True, kw_only=True)
class StarterForm:
    """The fields as they were sent: single ones, and those that may come several times."""

    texts: Mapping[str, str]
    lists: Mapping[str, tuple[str, ...]]

    def write_row(self) -> dict[str, Value]:
        """The keys of a leader's row that were filled in."""
        row: dict[str, Value] = {key: text.strip() for key, text in self.texts.items() if text.strip()}
        row |= {key: [text.strip() for text in texts] for key, texts in self.lists.items() if texts}
        for key in ("away", "formerly"):
            lines = [line.strip() for line in self.texts.get(key, "").splitlines() if line.strip()]
            row.pop(key, None)
            if lines:
                row[key] = lines
        if "assistant_reads" in row:
            row["assistant_reads"] = True
        return row

    def hidden(self) -> list[tuple[str, str]]:
        """Every field that was filled in, to be sent once more."""
        single = [(key, text) for key, text in self.texts.items() if text]
        return single + [(key, text) for key, texts in self.lists.items() for text in texts]


def read_form(
    *,
    name: Text = "",
    email: Text = "",
    role: Text = "",
    organisation: Text = "",
    start_date: Text = "",
    identity: Annotated[str, Form(alias="id")] = "",
    formerly: Text = "",
    cohort: Text = "",
    pace: Text = "",
    send_at: Text = "",
    time_zone: Text = "",
    holidays: Text = "",
    away: Text = "",
    assistant_reads: Text = "",
    programmes: Texts,
    working_days: Texts,
) -> StarterForm:
    """The form as a browser sends it."""
    texts = {
        "name": name,
        "email": email,
        "role": role,
        "organisation": organisation,
        "start_date": start_date,
        "id": identity,
        "formerly": formerly,
        "cohort": cohort,
        "pace": pace,
        "send_at": send_at,
        "time_zone": time_zone,
        "holidays": holidays,
        "away": away,
        "assistant_reads": assistant_reads,
    }
    return StarterForm(
        texts={key: text.replace("\0", "") for key, text in texts.items()},
        lists={"programmes": tuple(programmes), "working_days": tuple(working_days)},
    )


EMPTY = StarterForm(texts=dict.fromkeys(LABELS, ""), lists={"programmes": (), "working_days": ()})


def make_wish(form: StarterForm) -> tuple[Row, list[KeyPath]]:
    """The row that is wished for, and the fields that its lines stand for."""
    value = form.write_row()
    passage, paths = place_fields(value, _FORM)
    return Row(value=value, passage=passage), paths


def find_missing(form: StarterForm) -> dict[str, str]:
    """What a new leader's row needs, by field."""
    row = form.write_row()
    return {key: f"{_ASKS[key]}." for key in REQUIRED_KEYS if key not in row}


def tell_problems(problems: Sequence[Problem], paths: Sequence[KeyPath]) -> dict[str, str]:
    """The first complaint about each field, as a sentence; "" holds one about no field."""
    told: dict[str, str] = {}
    for problem in problems:
        own = problem.path == _FORM and 0 < problem.line <= len(paths)
        path = paths[problem.line - 1] if own else ()
        key = str(path[0]) if path and path[0] in LABELS else ""
        told.setdefault(key, _say(key, problem.message if own else str(problem)))
    return told


def _say(key: str, message: str) -> str:
    words = message.removeprefix(key).removeprefix(":").strip() if key else message
    if key and message.startswith(f"{key} "):
        words = f"{LABELS[key]} {words}"
    return f"{words[:1].upper()}{words[1:]}".rstrip(".") + "."
