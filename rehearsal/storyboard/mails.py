"""The mails of a walk as the product writes them, with links that lead nowhere, and the copies that pages show."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from config.settings import Settings
from emails.brand import LOGO_ROUTE
from emails.compose import Composed, ComposeError, Composer
from emails.links import Links
from models.domain import PlannedItem
from rehearsal.storyboard.casting import RehearsalError
from rehearsal.storyboard.walking import Scene, Walk

REHEARSAL_URL: Final = "https://rehearsal.invalid"  # no such name can ever exist (RFC 2606)
KEY: Final = b"a rehearsal's key is no secret at all"  # so no installation takes a link signed with it
LINK_PAGE: Final = "link.html"
_OURS = re.compile(re.escape(REHEARSAL_URL) + r"/(?P<purpose>[a-z])/[\w.-]+")
_LOGO = re.compile(re.escape(f"{REHEARSAL_URL}/{LOGO_ROUTE}") + r"(\.\w+)\?v=\w+")
_PIXEL: Final = "data:image/gif;base64,R0lGODlhAQABAAAAACwAAAAAAQABAAA="
_HEAD = re.compile(r"<head>", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class StagedMail:
    """One mail of a walk, written. `stem` begins the names of its files, in the folder of part and reader."""

    scene: Scene
    composed: Composed
    folder: str

    @property
    def stem(self) -> str:
        return f"{self.folder}/{self.scene.nudge.ordinal:02}"

    @property
    def lead(self) -> PlannedItem | None:
        """What is new in it: the tip, resource, check-in or message; None for questions alone."""
        return next((item for item in self.scene.nudge.items if item.placed not in ("with", "prompt")), None)

    @property
    def files(self) -> Mapping[str, bytes]:
        """The mail itself, its text, and its HTML as a page shows it."""
        root = "../" * self.stem.count("/")
        return {
            f"{self.stem}.eml": self.composed.message,
            f"{self.stem}.txt": self.composed.text.encode(),
            f"{self.stem}.mail.html": show_html(self.composed.html, root=root).encode(),
        }


def make_composer(settings: Settings, *, url: str = REHEARSAL_URL) -> Composer:
    """The installation's own composer, save that its links lead below `url` and no service accepts them.

    Raises RehearsalError.
    """
    try:
        return Composer(settings, Links(url, (KEY,)))
    except ComposeError as error:
        raise RehearsalError(str(error)) from error


def write_mails(composer: Composer, walk: Walk) -> tuple[StagedMail, ...]:
    """Every mail of a walk. Raises RehearsalError for one that cannot be written."""
    return tuple(write_mail(composer, walk, scene) for scene in walk.scenes)


def write_mail(
    composer: Composer, walk: Walk, scene: Scene, *, at: datetime | None = None, subject_begins: str = ""
) -> StagedMail:
    """One mail of a walk, dated with an instant or with its slot. Raises RehearsalError."""
    part = walk.part
    leader = replace(part.enrolment.leader, key=f"{part.enrolment.leader.key} {walk.reader.id}")
    try:
        composed = composer.compose_nudge(
            scene.nudge,
            mail_id=scene.nudge.ordinal,
            enrolment=replace(part.enrolment, leader=leader),
            programme=part.programme,
            history=scene.before,
            now=at or scene.nudge.slot,
            subject_begins=subject_begins,
        )
    except ComposeError as error:
        raise RehearsalError(f"{part.role.id}, the mail of day {scene.nudge.day}: {error}") from error
    return StagedMail(scene=scene, composed=composed, folder=f"{part.folder}/{walk.reader.id}")


def show_html(html: str, *, root: str) -> str:
    """A mail's HTML for a page: our links lead to the page that explains them, all links open beside the rehearsal.

    `root` leads from the copy to the rehearsal's folder.
    """

    def lead(found: re.Match[str]) -> str:
        return _PIXEL if found["purpose"] == "o" else f"{root}{LINK_PAGE}#{found['purpose']}"

    html = _LOGO.sub(rf"{root}{LOGO_ROUTE}\1", html)
    return _HEAD.sub('<head><base target="_blank">', _OURS.sub(lead, html), count=1)
