"""A leader's correction granted: written into leaders.yaml, in force, and told. Nothing of it is done twice."""

from datetime import datetime

from config.proposals import Proposal
from models.corrections import Correction, read_correction
from models.domain import Enrolment
from models.savings import name_saving, read_saving
from scheduler.correcting import note_granted, propose_correction, settle_correction
from scheduler.enrolling import Foreseen, Registry, go_on, save


def foresee_grant(registry: Registry, enrolment: Enrolment, correction: Correction, *, now: datetime) -> Proposal:
    """What the file would say. Raises ConfigError."""
    return propose_correction(enrolment, correction, registry.inspect(), registry.folder, now=now)


def grant(
    registry: Registry, enrolment: Enrolment, correction: Correction, *, account: str | None, now: datetime
) -> Foreseen:
    """Writes what was asked for, brings it about, and tells the leader; the same again does what is left of it.

    Raises ConfigError, with nothing done, and NotInForceError.
    """
    name = name_saving(f"correction {enrolment.id} {correction.at.isoformat()}")
    with registry.database.reading() as session:
        begun = read_saving(session, name)
    proposal = foresee_grant(registry, enrolment, correction, now=now)
    if begun is not None and not proposal.draft.changes:
        return go_on(registry, name, now=now)
    granted = note_granted(enrolment, correction)
    return save(registry, proposal, name=name, account=account, now=now, granted=granted)


def decline(
    registry: Registry, enrolment: Enrolment, correction: Correction, *, account: str | None, now: datetime
) -> None:
    """Leaves everything as it is, and tells the leader."""
    programme = registry.current().programmes.get(enrolment.programme)
    with registry.database.sessions.begin() as session:
        if read_correction(session, enrolment.id) != correction:
            return  # it was settled meanwhile
        settle_correction(session, enrolment, correction, programme, granted=False, now=now, account=account)
