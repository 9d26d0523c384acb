"""The pages of a rehearsal, filled in: plain HTML and CSS that opens from a disk."""

from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from config.reading.logos import read_logo
from config.settings import Settings
from emails.brand import LOGO_ROUTE
from emails.budgets import count_words, judge_length
from emails.colours import choose_palette
from rehearsal.storyboard import wording
from rehearsal.storyboard.casting import Part
from rehearsal.storyboard.mails import StagedMail
from rehearsal.storyboard.stage import StagedPart, StagedWalk, questions_of
from web.looks import write_colours

STYLE_SHEET: Final = "rehearsal.css"
_FOLDER = Path(__file__).parent / "templates"
# Without its script the index shows what is chosen, and the mail that somebody comes back from.
_COME_BACK = "html:not(.js) :is(.part, .walk):has(:target) { display: block !important; }"
_PURPOSES = (
    ("a", "Answer", "The question, then the answer to compare with, and three buttons that say how it went."),
    ("c", "Finish this check-in", "The check-in’s questions. What is written there is for the leader alone."),
    ("p", "Pause, change, leave", "The leader’s choices, and everything that others can see about the leader."),
    ("l", "A resource", "The resource itself, after noting that somebody followed the link; only with consent."),
    ("m", "My 100 days", "All that the leader has met so far."),
    ("u", "Unsubscribe", "Ends all mail with one press. Mail programs show it as a button of their own."),
)


class Sheets:
    """Writes pages in the installation's brand."""

    def __init__(self, settings: Settings) -> None:
        self._logo = settings.brand_logo
        self._colours = write_colours(choose_palette(settings.brand_colour, settings.brand_accent_colour))
        self._templates = Environment(
            loader=FileSystemLoader(_FOLDER), autoescape=True, undefined=StrictUndefined, trim_blocks=True
        )
        words: dict[str, Any] = {
            **{name: getattr(wording, name) for name in dir(wording) if name.startswith("say_") or name == "count"},
            "brand": settings.brand_name,
            "count_words": count_words,
            "judge_length": judge_length,
            "mail_key": mail_key,
            "questions_of": questions_of,
            "role_key": role_key,
            "same_dates": _same_dates,
            "title": _title,
        }
        self._templates.globals.update(words)

    def write_style(self, parts: Sequence[StagedPart] = ()) -> bytes:
        """The style sheet, with the rules by which the index filters these parts."""
        readers = _each_once(walk.reader.id for staged in parts for walk in staged.walks)
        roles = _each_once(role_key(staged.part) for staged in parts)
        rules = [f"body:has(#reader-{reader}:checked) .walk:not(.as-{reader})" for reader in readers]
        rules += [f"body:has(#role-{key}:checked) .part:not(.of-{key})" for key in roles]
        rules += [f"body:has(#start-{on}:checked) .part:not(.at-{on})" for on in _starts(parts)]
        filters = f"@media screen {{ {', '.join(rules)} {{ display: none; }} {_COME_BACK} }}\n" if rules else ""
        return (self._colours + (_FOLDER / STYLE_SHEET).read_text(encoding="utf-8") + filters).encode()

    def write_logo(self) -> dict[str, bytes]:
        """The brand's logo, which mails show; nothing where there is none."""
        if self._logo is None:
            return {}
        logo = read_logo(self._logo)
        return {f"{LOGO_ROUTE}.{logo.ending}": logo.data}

    def write_index(self, parts: Sequence[StagedPart]) -> bytes:
        """Every mail in a calendar of weeks, by part and reader."""
        several = len({staged.part.programme.id for staged in parts}) > 1
        roles = {
            role_key(staged.part): staged.part.role.name + (f" ({staged.part.programme.name})" if several else "")
            for staged in parts
        }
        return self._fill(
            "index.html",
            root="",
            parts=parts,
            roles=[{"id": f"role-{key}", "name": name} for key, name in roles.items()],
            readers=[walk.reader for walk in parts[0].walks],
            starts=_starts(parts),
            total=sum(len(walk.mails) for staged in parts for walk in staged.walks),
        )

    def write_mail(self, staged: StagedPart, walk: StagedWalk, number: int) -> bytes:
        """One mail on a page of its own, between its neighbours."""
        mail = walk.mails[number]
        return self._fill(
            "mail.html",
            root=_root(mail.stem),
            mail=mail,
            part=staged.part,
            reader=walk.reader,
            earlier=walk.mails[number - 1] if number else None,
            later=walk.mails[number + 1] if number + 1 < len(walk.mails) else None,
            others=[
                (other.reader, twin)
                for other in staged.walks
                for twin in other.mails
                if mail.lead is not None and other is not walk and twin.lead and twin.lead.item == mail.lead.item
            ],
        )

    def write_overview(self, staged: StagedPart) -> bytes:
        """A part on one printed page, with lines to sign on."""
        return self._fill("overview.html", root=_root(f"{staged.part.folder}/"), part=staged.part, staged=staged)

    def write_link_page(self) -> bytes:
        """Where the links of rehearsed mails lead."""
        return self._fill("link.html", root="", purposes=_PURPOSES)

    def write_item(
        self, part: Part, item: str, mails: Sequence[StagedMail], *, warnings: Sequence[str], watched: bool
    ) -> bytes:
        """One item's mails, the one that brings it first."""
        values = {"part": part, "item": item, "mails": mails, "warnings": warnings, "watched": watched}
        return self._fill("item.html", root="", **values)

    def write_problem(self, lines: Sequence[str], *, watched: bool) -> bytes:
        """What stands in the way of showing anything."""
        return self._fill("problem.html", root="", lines=lines, watched=watched)

    def _fill(self, template: str, **values: object) -> bytes:
        return self._templates.get_template(template).render(values).encode()


def read_script(name: str) -> bytes:
    """A script that a page loads; no page needs one."""
    return (_FOLDER / name).read_bytes()


def mail_key(mail: StagedMail) -> str:
    """The mail's place in the index."""
    return mail.stem.replace("/", "--")


def role_key(part: Part) -> str:
    """The part's role among the roles of all programmes, as a name in HTML."""
    return f"{part.programme.id}--{part.role.id}"


def _starts(parts: Iterable[StagedPart]) -> list[date]:
    return sorted({staged.part.enrolment.start_date for staged in parts})


def _each_once(names: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(names))


def _same_dates(staged: StagedPart) -> bool:
    """Whether all readers get mail on the same days."""
    dates = [[mail.scene.nudge.local_date for mail in walk.mails] for walk in staged.walks]
    return all(one == dates[0] for one in dates)


def _title(part: Part, item: str) -> str:
    known = part.programme.items.get(item)
    return item if known is None else known.title


def _root(stem: str) -> str:
    """The way from a page to the rehearsal's folder."""
    return "../" * stem.count("/")
