"""Which column of a spreadsheet holds which field of a leader: as told, as remembered, or as its heading says."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from config.problems import Problem
from config.reading.leader_rows import LEADER_KEYS, REQUIRED_KEYS
from config.reading.passage import Passage
from config.reading.wording import show, suggest
from config.reading.workbooks import SheetRow

FIRST_NAME, LAST_NAME = "first_name", "last_name"  # make up `name` where no column holds it whole
FIELDS: Final = (*LEADER_KEYS, FIRST_NAME, LAST_NAME)
LEFT_OUT = ""

_HEADINGS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "name": ("full name", "leader", "leader name", "employee", "employee name", "display name", "known as"),
        FIRST_NAME: ("first name", "forename", "given name", "preferred name"),
        LAST_NAME: ("last name", "surname", "family name"),
        "email": ("e mail", "email address", "e mail address", "mail", "work email", "work email address", "nhs email"),
        "role": ("job role", "role type", "leader role", "programme role"),
        "organisation": ("organization", "organisation name", "organization name", "trust", "employer", "org"),
        "start_date": ("start", "starting", "starts", "starts on", "start in post", "date in post", "first day",
                       "commencement date", "date of commencement", "date started", "joining date"),
        "id": ("staff number", "employee number", "employee id", "staff id", "person id", "esr number", "esr",
               "payroll number"),
        "formerly": ("former email", "old email", "previous email", "earlier addresses"),
        "programmes": ("programme", "program"),
        "cohort": ("intake", "group"),
        "time_zone": ("timezone",),
        "holidays": ("public holidays", "bank holidays"),
        "working_days": ("working pattern", "days", "work days"),
        "send_at": ("time", "send time"),
        "pace": (),
        "skip": ("leave out",),
        "away": ("leave", "days away", "absence"),
        "assistant_reads": ("assistant", "pa reads"),
        "status": (),
    }
)  # fmt: skip
_KNOWN: Final = {heading: field for field, headings in _HEADINGS.items() for heading in (*headings, field)}


@dataclass(frozen=True, slots=True)
class Columns:
    """Field → column, counted from 0; `ignored` are headings that mean nothing here."""

    places: Mapping[str, int]
    ignored: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()

    @property
    def missing(self) -> tuple[str, ...]:
        """Required fields that no column holds."""
        has_name = "name" in self.places or LAST_NAME in self.places
        return tuple(key for key in REQUIRED_KEYS if key not in self.places and not (key == "name" and has_name))


def normalise(heading: str) -> str:
    """A heading without capitals, signs and what stands in brackets."""
    return re.sub(r"[\W_]+", " ", re.sub(r"\(.*?\)", "", heading.lower())).strip()


def find_columns(header: SheetRow, path: str, told: Mapping[str, str]) -> Columns:
    """The columns by heading. `told`: normalised heading → field, or LEFT_OUT; it goes before what headings say."""
    places: dict[str, int] = {}
    ignored: list[str] = []
    problems: list[Problem] = []
    file = Passage(path=path)
    for column, heading in enumerate(header.cells):
        word = normalise(heading)
        field = told.get(word, _KNOWN.get(word) or _KNOWN.get(word.replace(" ", "_")))
        if not word or field == LEFT_OUT:
            continue
        if field is None:
            ignored.append(heading)
        elif field in places:
            words = f"columns {places[field] + 1} and {column + 1} both look like {field}; "
            words += f'leave one out: --map "{heading}="'
            problems.append(file.problem_at((header.number, column + 1), words))
        else:
            places[field] = column
    return Columns(places, tuple(ignored), tuple(problems))


def read_mapping(pairs: Iterable[str], header: SheetRow) -> dict[str, str]:
    """What `--map` says: normalised heading → field. Raises ValueError in words for the user."""
    headings = {normalise(heading): heading for heading in header.cells if heading}
    told: dict[str, str] = {}
    for pair in pairs:
        heading, sign, field = pair.rpartition("=")
        word, field = normalise(heading), field.strip().lower().replace("-", "_")
        if not sign or not word:
            raise ValueError(f'{show(pair)} says nothing; write "Column=field", or "Column=" to leave it out')
        if word not in headings:
            raise ValueError(f"{show(heading)} is no column of this file; {suggest(heading, headings.values())}")
        if field and field not in FIELDS:
            raise ValueError(f"{show(field)} is no field; {suggest(field, FIELDS)}")
        told[word] = field
    return told
