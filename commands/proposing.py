"""A proposal for leaders.yaml shown, written and brought about: what `enrol` and `import` have in common."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import cast

from commands.opening import House
from commands.printing import write_instant, write_local
from commands.wiring import CommandError, Wiring
from config.load import Inspection, find_config_dir, inspect_config
from config.problems import ConfigError
from config.proposals import Proposal, Wanted
from models.domain import PlannedNudge
from models.roster import RosterError
from models.savings import name_saving
from reports.effects import effect_row, refusal_row, say_effect
from scheduler import enrolling
from scheduler.effects import Effect
from scheduler.enrolling import Foreseen

SHOWN_LEADERS = 5  # of many at once


def inspect_now(wiring: Wiring) -> Inspection:
    """All config, right or wrong. Raises CommandError where there is none."""
    try:
        return inspect_config(find_config_dir(wiring.environ), wiring.environ, today=wiring.clock().date())
    except ConfigError as error:
        raise CommandError(str(error)) from error


def foresee(house: House, proposal: Proposal, *, now: datetime) -> Foreseen:
    """What the proposal does to enrolments and plans, tried and undone. Raises CommandError."""
    try:
        return enrolling.foresee(house.registry, proposal, now=now)
    except RosterError as error:
        raise CommandError(str(error)) from error


def save(house: House, wiring: Wiring, proposal: Proposal) -> Foreseen:
    """Writes leaders.yaml and brings the enrolments in line with it. Raises CommandError."""
    name = name_saving(wiring.new_token())
    try:
        return enrolling.save(house.registry, proposal, name=name, account=None, now=wiring.clock())
    except (ConfigError, enrolling.NotInForceError) as error:
        raise CommandError(str(error)) from error


# ---------------------------------------------------------------- shown


def list_mails(house: House, effect: Effect, *, now: datetime) -> list[tuple[PlannedNudge, str]]:
    """The first mails of a new leader, each with its subject."""
    return [(nudge, mail.subject) for nudge, mail in enrolling.compose_first(house.registry, effect, now=now)]


def say_foreseen(house: House, foreseen: Foreseen, *, now: datetime) -> Iterator[str]:
    """Each change and what it does to the plan; of new leaders their first mails."""
    shown = 0
    for effect in foreseen.effects:
        yield from say_effect(effect, house.config.current.programmes)
        if effect.change.what == "enrolled" and shown < SHOWN_LEADERS:
            shown += 1
            for nudge, subject in list_mails(house, effect, now=now):
                zone = "Europe/London" if effect.enrolment is None else effect.enrolment.leader.time_zone
                yield f"  {write_local(nudge.slot, zone)}  {subject}"
    yield from map(str, foreseen.refusals)


def say_wanted(wanted: Wanted) -> str:
    """One leader, and what of their row is new."""
    who = f"{wanted.name} ({wanted.email})"
    if wanted.what != "changed":
        return f"{who}: {wanted.what}"
    changes = "; ".join(f"{key}: {_say(before)} → {_say(after)}" for key, (before, after) in wanted.differences.items())
    return f"{who}: changed, {changes}"


def _say(value: object) -> str:
    if value is None:
        return "nothing"
    return ", ".join(map(str, cast("list[object]", value))) if isinstance(value, list) else str(value)


def proposal_row(
    house: House, proposal: Proposal, foreseen: Foreseen, *, written: bool, now: datetime
) -> dict[str, object]:
    """The document of `enrol --json` and `import --json`."""
    new = [effect for effect in foreseen.effects if effect.change.what == "enrolled"][:SHOWN_LEADERS]
    mails = {id(effect): list_mails(house, effect, now=now) for effect in new}
    return {
        "file": str(proposal.draft.path),
        "written": written,
        "leaders": [
            {
                "email": wanted.email,
                "name": wanted.name,
                "what": wanted.what,
                "changes": {key: list(_plain(pair)) for key, pair in wanted.differences.items()},
            }
            for wanted in proposal.wanted
        ],
        "changes": [
            {
                **effect_row(effect),
                "first_mails": [
                    {"slot": write_instant(nudge.slot), "subject": subject} for nudge, subject in mails[id(effect)]
                ]
                if id(effect) in mails
                else None,
            }
            for effect in foreseen.effects
        ],
        "refused": [refusal_row(refusal) for refusal in foreseen.refusals],
        "warnings": [str(warning) for warning in proposal.warnings],
    }


def _plain(values: Sequence[object]) -> Iterator[object]:
    for value in values:
        yield value.isoformat() if isinstance(value, date) else value


def count_wanted(wanted: Sequence[Wanted]) -> Mapping[str, int]:
    """How many are new, changed and the same."""
    return {what: sum(one.what == what for one in wanted) for what in ("new", "changed", "same")}
