"""What an enrolment by the API takes: the document read and checked, and whether this key may enrol this person.

The rules are those of leaders.yaml, and so are the words.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from config.reading.documents import FieldProblem, read_document
from models.api_keys import ApiKey
from models.domain import API, RosterEntry
from models.erasing import refuse_erased
from models.matching import RosterError, select_claimants
from models.roster import bring_in_entry
from models.tables import EnrolmentRow, LeaderRow
from web.api.documents import translate
from web.api.problems import ApiError, FieldNote, note_fields
from web.site import Site

_TAKEN = "the address, id or earlier address is taken by somebody whom this key cannot change; ask who runs the service"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """A document found right: whom it would enrol, and what is doubtful about it."""

    entry: RosterEntry
    warnings: list[FieldNote]


def read_wish(site: Site, key: ApiKey, document: Mapping[str, object]) -> Wish:
    """The document as a wish. Raises ApiError: 422 with what is wrong field by field, 403 for whom is not the key's."""
    _refuse_unwritable(document)
    if "programmes" in document:
        note = FieldNote(field="programmes", message="an enrolment takes one programme; write it as programme")
        raise ApiError(422, "the enrolment is not right", errors=[note])
    read = read_document(
        translate(document), site.settings, site.programmes(), origin="this enrolment", today=site.now().date()
    )
    if read.entry is None:
        raise ApiError(422, "the enrolment is not right", errors=note_fields(map(_rename, read.errors)))
    organisation = read.entry.leader.organisation
    if key.organisations is not None and organisation not in key.organisations:
        raise ApiError(403, "this key is not good for this organisation")
    return Wish(entry=read.entry, warnings=note_fields(map(_rename, read.warnings)))


def _refuse_unwritable(document: Mapping[str, object]) -> None:
    """Half a character (a lone surrogate) can be written in JSON, and nowhere else."""
    try:
        json.dumps(document, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise ApiError(422, "the document holds half a character, which cannot be kept") from None


def _rename(problem: FieldProblem) -> FieldProblem:
    return replace(problem, path=("programme",)) if problem.path[:1] == ("programmes",) else problem


def check_claims(session: Session, site: Site, key: ApiKey, entry: RosterEntry, *, own: int | None = None) -> None:
    """Raises ApiError 409 where the person is somebody else's or enrolled already, or was erased.

    `own`: the leader whose enrolment is changed; None where one is to be made.
    """
    leaders = session.scalars(select(LeaderRow).where(LeaderRow.id.in_(select_claimants(entry)))).all()
    for leader in leaders:
        seen = key.organisations is None or leader.organisation in key.organisations
        if not seen or (own is not None and leader.id != own):
            raise ApiError(409, _TAKEN)
        theirs = select(EnrolmentRow).where(EnrolmentRow.leader_id == leader.id, EnrolmentRow.held_at.is_(None))
        for row in session.scalars(theirs.order_by(EnrolmentRow.id)):
            if row.source != API:
                raise ApiError(
                    409, f"{leader.email} is enrolled by {row.source} already; take it out of {row.source} first"
                )
            if own is None and row.programme in entry.programmes:
                raise ApiError(409, "this leader takes that programme already; change it", enrolment=row.id)
    if site.erasing is not None and own is None:
        _, refusals = refuse_erased(session, {API: (entry,)}, site.erasing.pseudonyms)
        for refusal in refusals:
            said = f"somebody erased on {refusal.erased_on} (receipt {refusal.receipt}) cannot be enrolled again"
            raise ApiError(409, f"{said}; who runs the service can allow it")


def bring_in(session: Session, site: Site, key: ApiKey, entry: RosterEntry) -> None:
    """Enrol, or change, as the entry says. Raises ApiError 409 where that contradicts what is kept."""
    try:
        bring_in_entry(session, entry, source=API, actor=name_actor(key), now=site.now())
    except RosterError as error:
        notes = [FieldNote(field="", message=problem) for problem in error.problems]
        raise ApiError(409, "the enrolment contradicts what is kept", errors=notes) from error


def name_actor(key: ApiKey) -> str:
    """Who is named in the audit."""
    return f"api: {key.name}"
