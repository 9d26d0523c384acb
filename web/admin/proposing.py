"""Leaders that somebody at a desk wants in leaders.yaml: whose they may be, what would come of it, and Save."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import cast

from fastapi import HTTPException
from sqlalchemy import select
from sqlalchemy.orm import Session

from config.load import Inspection
from config.problems import ConfigError, Problem
from config.proposals import LEADERS_FILE, Proposal, Wanted, propose_leaders
from config.reading.leader_rows import Row
from models.domain import PlannedNudge, Programme, RosterEntry
from models.erasing import refuse_erased
from models.matching import select_claimants
from models.savings import name_saving, read_saving
from models.tables import LeaderRow
from reports.effects import say_effect
from scheduler.effects import Effect
from scheduler.enrolling import NotInForceError, Registry, compose_first, find_saved, foresee, go_on, save
from web.admin.desk import Desk
from web.admin.starter_form import LABELS
from web.admin.wording import name_item, say_instant, say_placed

SHOWN_LEADERS = 20  # of many new ones, with their first mails
_TAKEN = "this address or id is taken by somebody whom you cannot change; ask who runs the service"
_MOVED = "the file has changed since you looked: look at it again, then save"


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstMail:
    """One of the first mails of a new leader, in words."""

    when: str
    subject: str
    brings: tuple[str, ...]
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Starter:
    """A new enrolment, and its first mails."""

    name: str
    programme: str
    mails: tuple[FirstMail, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What would come of a proposal. `others`: changes of the file that are not in force yet, of anybody else."""

    proposal: Proposal
    lines: tuple[str, ...]
    starters: tuple[Starter, ...]
    others: int
    seen: str  # the same as long as the same would come of it


def get_registry(registry: Registry | None) -> Registry:
    """What rows are written by; a page that is not there where nobody can be enrolled."""
    if registry is None:
        raise HTTPException(404)
    return registry


def say_broken(desk: Desk, error: ConfigError) -> list[str]:
    """The lines of a broken config, for whoever sees everybody; they may name anybody's leaders."""
    if desk.sees_everybody:
        return [str(problem) for problem in error.errors]
    return ["The config is broken just now, so nothing can be saved. Whoever runs the service sees what is wrong."]


def say_unfinished(desk: Desk, error: NotInForceError) -> str:
    """Why what is written is not in force, for whoever sees everybody."""
    return str(error) if desk.sees_everybody else "It is written, but not in force yet; ask who runs the service."


# ---------------------------------------------------------------- looked at


def propose(
    desk: Desk, registry: Registry, inspection: Inspection, wishes: Sequence[Row], found: Sequence[Problem] = ()
) -> Proposal:
    """The wishes as a proposal, as far as the account may. Raises ConfigError with all that is wrong with them."""
    strangers = find_strangers(wishes, inspection, desk.account.organisations)
    named = {id(wish) for wish, _ in strangers}
    own = [wish for wish in wishes if id(wish) not in named]
    problems = [*found, *(problem for _, problem in strangers)]
    proposal = propose_leaders(own, inspection, registry.folder, today=desk.now.date(), found_before=problems)
    with registry.database.reading() as session:
        refused = [
            *_find_claimed(session, own, proposal, desk.account.organisations),
            *_find_erased(session, own, proposal, registry),
        ]
    if refused:
        raise ConfigError(refused)
    return proposal


def find_strangers(
    wishes: Sequence[Row], inspection: Inspection, organisations: Sequence[str]
) -> list[tuple[Row, Problem]]:
    """The wishes that are not for an account of these organisations, with the reason; () is everybody's account."""
    if not organisations:
        return []
    taken = {
        word.lower()
        for entries in inspection.roster.values()
        for entry in entries
        if entry.leader.organisation not in organisations
        for word in (entry.leader.key, entry.leader.email, *entry.formerly)
    }
    strangers: list[tuple[Row, Problem]] = []
    for wish in wishes:
        given = wish.read("organisation")
        if given is not None and str(given).strip() not in organisations:
            words = f"organisation: your account is for {' and '.join(organisations)}; choose that"
            strangers.append((wish, wish.passage.problem(words, "organisation")))
        elif _names_of(wish) & taken:
            strangers.append((wish, wish.passage.problem(f"email: {_TAKEN}", "email")))
    return strangers


def _names_of(wish: Row) -> set[str]:
    formerly = wish.read("formerly")
    earlier = cast("list[object]", formerly) if isinstance(formerly, list) else []
    words = [wish.read("id"), wish.read("email"), *earlier]
    return {str(word).strip().lower() for word in words if word is not None}


def _find_claimed(
    session: Session, wishes: Sequence[Row], proposal: Proposal, organisations: Sequence[str]
) -> list[Problem]:
    """Those whom the database knows as somebody of another organisation."""
    problems: list[Problem] = []
    for wish, entry in _pair(wishes, proposal) if organisations else ():
        claimants = select(LeaderRow.organisation).where(LeaderRow.id.in_(select_claimants(entry)))
        if any(organisation not in organisations for organisation in session.scalars(claimants)):
            problems.append(wish.passage.problem(f"email: {_TAKEN}", "email"))
    return problems


def _find_erased(session: Session, wishes: Sequence[Row], proposal: Proposal, registry: Registry) -> list[Problem]:
    """Those who were erased, and whom no row enrols again."""
    pairs = _pair(wishes, proposal)
    _, refusals = refuse_erased(session, {LEADERS_FILE: [entry for _, entry in pairs]}, registry.pseudonyms)
    by_origin = {refusal.origin: refusal for refusal in refusals}
    problems: list[Problem] = []
    for wish, entry in pairs:
        if refusal := by_origin.get(entry.origin):
            words = f"somebody erased on {refusal.erased_on} (receipt {refusal.receipt}) cannot be enrolled again; "
            words += "who runs the service can allow it"
            problems.append(wish.passage.problem(f"email: {words}", "email"))
    return problems


def _pair(wishes: Sequence[Row], proposal: Proposal) -> list[tuple[Row, RosterEntry]]:
    pairs = zip(wishes, proposal.wanted, strict=True)
    return [(wish, wanted.entry) for wish, wanted in pairs if wanted.entry is not None]


def preview(desk: Desk, registry: Registry, proposal: Proposal) -> Preview:
    """What the proposal would do. Raises RosterError, ComposeError."""
    foreseen = foresee(registry, proposal, now=desk.now)
    keys = {wanted.entry.leader.key for wanted in proposal.wanted if wanted.entry is not None}
    own = [effect for effect in foreseen.effects if effect.change.leader_key in keys]
    new = [effect for effect in own if effect.change.what == "enrolled"]
    return Preview(
        proposal=proposal,
        lines=tuple(line for effect in own for line in say_effect(effect, desk.programmes)),
        starters=tuple(tell_starter(desk, registry, effect) for effect in new[:SHOWN_LEADERS]),
        others=len(foreseen.effects) - len(own),
        seen=fingerprint(proposal),
    )


def fingerprint(proposal: Proposal) -> str:
    """The same for proposals that want the same of the same."""
    wanted = repr([(one.what, one.email, sorted(one.differences.items())) for one in proposal.wanted])
    return sha256(wanted.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def tell_starter(desk: Desk, registry: Registry, effect: Effect) -> Starter:
    """The first mails of a new enrolment, in words."""
    programme = desk.programmes.get(effect.change.programme)
    zone = desk.settings.time_zone if effect.enrolment is None else effect.enrolment.leader.time_zone
    own_links = re.compile(re.escape(desk.settings.public_url) + r"/\S*")
    return Starter(
        name=effect.change.name,
        programme=effect.change.programme if programme is None else programme.name,
        mails=tuple(
            FirstMail(
                when=say_instant(nudge.slot, zone),
                subject=mail.subject,
                brings=_tell_items(nudge, programme),
                text=own_links.sub("(the leader’s own link)", mail.text),
            )
            for nudge, mail in compose_first(registry, effect, now=desk.now)
        ),
    )


def _tell_items(nudge: PlannedNudge, programme: Programme | None) -> tuple[str, ...]:
    return tuple(say_placed(item.placed, name_item(programme, item.item)) for item in nudge.items)


def say_wanted(desk: Desk, wanted: Wanted) -> str:
    """What of somebody's row is new."""
    roles = desk.name_roles()

    def say(key: str, value: object) -> str:
        return roles.get(str(value), str(value)) if key == "role" else say_value(value)

    return "; ".join(
        f"{LABELS.get(key, key)}: {say(key, before)} → {say(key, after)}"
        for key, (before, after) in wanted.differences.items()
    )


def say_value(value: object) -> str:
    """A value of a row as it is typed."""
    if value is None:
        return "–"
    return ", ".join(map(str, cast("list[object]", value))) if isinstance(value, list) else str(value)


# ---------------------------------------------------------------- saved


@dataclass(frozen=True, slots=True)
class Pressed:
    """What became of a press: the number of its receipt, or what stands in its way."""

    receipt: int | None = None
    problem: str = ""


def find_pressed(desk: Desk, registry: Registry, proposal: Proposal, token: str) -> Pressed | None:
    """What became of this press before, its rest done now; None where it is new. Raises NotInForceError."""
    name = name_saving(token)
    if proposal.draft.changes:
        return None
    with registry.database.reading() as session:
        begun = read_saving(session, name)
    if begun is not None:
        go_on(registry, name, now=desk.now)
    return Pressed(_find_receipt(registry, proposal, name))


def press_save(desk: Desk, registry: Registry, proposal: Proposal, *, token: str, seen: str) -> Pressed:
    """Save what was looked at. Raises ConfigError, with nothing written, and NotInForceError."""
    if fingerprint(proposal) != seen:
        return Pressed(problem=f"{_MOVED[:1].upper()}{_MOVED[1:]}.")
    name = name_saving(token)
    save(registry, proposal, name=name, account=desk.account.email, now=desk.now)
    return Pressed(_find_receipt(registry, proposal, name))


def _find_receipt(registry: Registry, proposal: Proposal, name: str) -> int | None:
    with registry.database.reading() as session:
        return find_saved(session, proposal, name)
