"""What came back of the mails that were sent, and the counts of it that reports show and retention keeps."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from models.domain import Enrolment, KeptCounts
from models.store import SentMail, read_sent
from scheduler.evidence import Evidence
from scheduler.grading import read_evidence


@dataclass(frozen=True, slots=True, kw_only=True)
class Returned:
    """A mail that was sent, and what came back."""

    mail: SentMail
    evidence: Evidence
    watched: bool

    @property
    def engaged(self) -> bool:
        return self.evidence.engaged if self.watched else self.evidence.grade == "answered"

    @property
    def last_activity(self) -> datetime | None:
        if self.watched:
            return self.evidence.last_activity
        return max((hit.event.at for hit in self.evidence.hits if hit.event.is_press), default=None)


def read_returns(session: Session, enrolments: Iterable[Enrolment]) -> dict[int, list[Returned]]:
    """What came back of each enrolment's mails, by its id; one that was sent nothing is left out."""
    leaders = {enrolment.id: enrolment.leader for enrolment in enrolments}
    mails = [mail for mail in read_sent(session, leaders) if mail.state == "sent"]
    evidence = read_evidence(session, mails)
    returned: dict[int, list[Returned]] = defaultdict(list)
    for mail in mails:
        leader = leaders[mail.enrolment_id]
        watched = mail.tracked and leader.tracking and not leader.assistant_reads
        returned[mail.enrolment_id].append(Returned(mail=mail, evidence=evidence[mail.id], watched=watched))
    return returned


def count_returns(enrolment: Enrolment, returned: Sequence[Returned]) -> KeptCounts:
    """The counts of what came back."""
    return KeptCounts(
        opened=_count_opened(enrolment, returned),
        engaged=sum(each.engaged for each in returned),
        check_ins_done=sum(each.evidence.checked_in for each in returned),
    )


def _count_opened(enrolment: Enrolment, returned: Iterable[Returned]) -> int | None:
    """Tracked mails with a real open; None where none of them was tracked, or opens are no evidence of this leader."""
    leader = enrolment.leader
    watched = [each.watched for each in returned]
    if not leader.tracking or leader.assistant_reads or (watched and not any(watched)):
        return None
    return sum(each.watched and each.evidence.opened for each in returned)
