"""Every variant of mail, and every mail of a whole rehearsal, as the real composer writes them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from functools import cache, cached_property
from typing import Any, Final, cast

from config.settings import Settings
from emails.compose import Composed, Composer
from emails.links import Links
from emails.weekly import Week
from models.digests import Digest
from models.domain import CLOSING, Notice, PlannedItem, PlannedNudge
from rehearsal.storyboard.casting import cast_parts
from rehearsal.storyboard.walking import NONE, READERS, walk
from tests.integration.mail.page import Page
from tests.integration.mail.variants import SETTINGS, START, Variant, choose_some, list_variants, shipped_programme

SECRETS: Final = (b"a secret for tests, long enough",)
_COMPOSERS: Final[dict[str, Composer]] = {}


@dataclass(frozen=True, kw_only=True)
class Mail:
    """A mail as it was composed, with what it was composed from."""

    variant: Variant
    composed: Composed

    @property
    def name(self) -> str:
        return self.variant.name

    @property
    def items(self) -> tuple[PlannedItem, ...]:
        """The items of a nudge; none of a notice."""
        return self.variant.says.items if isinstance(self.variant.says, PlannedNudge) else ()

    @property
    def is_closing(self) -> bool:
        return any(planned.item == CLOSING for planned in self.items)

    @property
    def is_plain(self) -> bool:
        """Whether it is text without HTML."""
        return self.variant.enrolment.leader.plain

    @cached_property
    def parsed(self) -> EmailMessage:
        return message_from_bytes(self.composed.message, policy=policy.default)

    @cached_property
    def text(self) -> str:
        """The text as a mail program decodes it, its lines ending in LF."""
        return self._decode("plain")

    @cached_property
    def page(self) -> Page:
        """The HTML as a mail program decodes and reads it."""
        return Page("" if self.is_plain else self._decode("html"))

    def _decode(self, subtype: str) -> str:
        found = self.parsed.get_body((subtype,))
        assert found is not None, self.name
        return cast(str, found.get_content()).replace("\r\n", "\n")


def compose(variant: Variant, *, mail_id: int) -> Mail:
    composer, says, at = open_composer(variant.settings), variant.says, variant.leaves_at
    given: Any = {"mail_id": mail_id, "enrolment": variant.enrolment, "programme": shipped_programme(), "now": at}
    about_none: Any = {"recipient": variant.recipient, "mail_id": mail_id, "posted_at": at, "now": at}
    if isinstance(says, Week):
        composed = composer.compose_week(says, **about_none)
    elif isinstance(says, Digest):
        composed = composer.compose_digest(says, **about_none)
    elif isinstance(says, Notice):
        composed = composer.compose_notice(says, recipient=variant.recipient, posted_at=at, **given)
    else:
        composed = composer.compose_nudge(says, history=variant.history, **given)
    return Mail(variant=variant, composed=composed)


def open_composer(settings: Settings) -> Composer:
    """The composer of an installation; its templates are compiled once."""
    key = repr(settings)
    if key not in _COMPOSERS:
        _COMPOSERS[key] = Composer(settings, Links(settings.public_url, SECRETS))
    return _COMPOSERS[key]


@cache
def write_gallery() -> tuple[Mail, ...]:
    """Each variant for each role."""
    return tuple(compose(variant, mail_id=number) for number, variant in enumerate(list_variants(), start=1))


@cache
def write_some() -> tuple[Mail, ...]:
    """Each variant for one role."""
    return tuple(compose(variant, mail_id=number) for number, variant in enumerate(choose_some(), start=1))


@cache
def write_rehearsal() -> tuple[Mail, ...]:
    """All mails of the hundred days: for each role, three kinds of reader, and somebody who was enrolled late."""
    return tuple(compose(variant, mail_id=number) for number, variant in enumerate(_rehearse(), start=10_000))


def _rehearse() -> Iterator[Variant]:
    programmes = {shipped_programme().id: shipped_programme()}
    early, late = (
        cast_parts(SETTINGS, programmes, roles=(), starts=(START,), enrolled=enrolled)
        for enrolled in (None, START + timedelta(days=14))
    )
    walks = [walk(part, reader) for part in early for reader in READERS] + [walk(part, NONE) for part in late]
    for walked in walks:
        enrolment = walked.part.enrolment
        for scene in walked.scenes:
            yield Variant(
                name=f"{enrolment.role}: {scene.nudge.local_date}, {walked.reader.id} of the questions answered",
                says=scene.nudge,
                leaves_at=scene.nudge.slot,
                enrolment=enrolment,
                history=scene.before,
            )
