"""Everything that a rehearsal shows, as values: parts, their three walks with the mails, and figures about each."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256

from emails.compose import Composer
from models.domain import PlannedItem, Unplaced
from rehearsal.gain import estimate_gain
from rehearsal.storyboard.casting import Part
from rehearsal.storyboard.mails import StagedMail, write_mails
from rehearsal.storyboard.walking import READERS, ReaderType, Walk, find_missing, walk
from rehearsal.storyboard.weeks import Week, lay_weeks


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What a kind of reader gets. `remembered`: the planner's own model on day 100, 0 to 1; None without any item."""

    mails: int
    questions_alone: int
    asked: int
    answered: int
    remembered: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StagedWalk:
    """A walk with its mails written, in weeks."""

    reader: ReaderType
    mails: tuple[StagedMail, ...]
    weeks: tuple[Week, ...]
    figures: Figures


@dataclass(frozen=True, kw_only=True)
class StagedPart:
    """A part with everything that comes to it, and what does not."""

    part: Part
    walks: tuple[StagedWalk, ...]
    missing: tuple[Unplaced, ...]

    @property
    def plan(self) -> StagedWalk:
        """The walk of those who answer nothing: the plan as it is laid out beforehand."""
        return self.walks[0]

    @cached_property
    def fingerprint(self) -> str:
        """Twelve characters that change with any word of any mail: they tell what was signed from what is sent."""
        words = "\0".join(mail.composed.subject + mail.composed.text for walk in self.walks for mail in walk.mails)
        return sha256(words.encode()).hexdigest()[:12]


def stage_parts(composer: Composer, parts: Iterable[Part]) -> tuple[StagedPart, ...]:
    """Plans and writes everything. Raises RehearsalError for a mail that cannot be written."""
    return tuple(
        StagedPart(
            part=part,
            walks=tuple(_stage_walk(composer, part, reader) for reader in READERS),
            missing=find_missing(part),
        )
        for part in parts
    )


def _stage_walk(composer: Composer, part: Part, reader: ReaderType) -> StagedWalk:
    walked = walk(part, reader)
    mails = write_mails(composer, walked)
    return StagedWalk(reader=reader, mails=mails, weeks=lay_weeks(part, mails), figures=_count(walked, mails))


def _count(walked: Walk, mails: tuple[StagedMail, ...]) -> Figures:
    asked = [item for scene in walked.scenes for item in scene.sent.items if item.placed == "prompt"]
    gain = estimate_gain([(walked.part.enrolment, walked.after)])
    return Figures(
        mails=len(mails),
        questions_alone=sum(mail.lead is None for mail in mails),
        asked=len(asked),
        answered=sum(item.answer is not None for item in asked),
        remembered=None if gain is None else gain.with_questions,
    )


def questions_of(mail: StagedMail) -> tuple[PlannedItem, ...]:
    """What a mail asks about."""
    return tuple(item for item in mail.scene.nudge.items if item.placed == "prompt")
