"""What a sync did or would do, in words for HR and as JSON."""

from collections.abc import Mapping, Sequence
from datetime import date

from models.domain import Programme
from models.erasing import Refusal
from reports.plan import write_instant, write_local
from scheduler.comparing import PlanChange
from scheduler.effects import Effect

NAMED_AT_ONCE = 5  # items that share the reason why they are dropped


def say_effect(effect: Effect, programmes: Mapping[str, Programme]) -> list[str]:
    """The change in a line, and below it what it does to the plan."""
    change = effect.change
    what = change.what.replace("_", " ")
    told = change.detail if change.detail.startswith(what) else f"{what}, {change.detail}"
    line = f"{change.name} ({change.programme}): {told}"
    if effect.next_mail is None or effect.enrolment is None:
        lines = [f"{line}. No mail is to come."]
    else:
        local = write_local(effect.next_mail.slot, effect.enrolment.leader.time_zone)
        which = "The first mail" if change.what == "enrolled" else "The next mail"
        lines = [f"{line}. {which} leaves {local}."]
    return lines if effect.plan is None else [*lines, *_say_plan(effect.plan, programmes.get(change.programme))]


def _say_plan(plan: PlanChange, programme: Programme | None) -> list[str]:
    def title(item: str) -> str:
        known = None if programme is None else programme.items.get(item)
        return item if known is None else f"“{known.title}”"

    reasons: dict[str, list[str]] = {}
    for dropped in plan.dropped:
        reasons.setdefault(dropped.why, []).append(title(dropped.item))
    return [
        f"  already sent: {plan.sent}; kept: {len(plan.kept)}; moved: {len(plan.moved)}; dropped: {len(plan.dropped)}; "
        f"new: {len(plan.added)}",
        *(f"  moved: {title(moved.item)} from {_say(moved.before)} to {_say(moved.after)}" for moved in plan.moved),
        *(f"  dropped: {_name_some(titles)}: {why}" for why, titles in reasons.items()),
        *(f"  new: {title(added.item)} on {_say(added.on)}" for added in plan.added),
    ]


def _name_some(titles: Sequence[str]) -> str:
    return ", ".join(titles) if len(titles) <= NAMED_AT_ONCE else f"all {len(titles)} that were to come"


def _say(day: date) -> str:
    return f"{day:%a} {day.day} {day:%b %Y}"


def effect_row(effect: Effect) -> dict[str, object]:
    """The change and what it does to the plan, as JSON."""
    change = effect.change
    return {
        "leader": change.leader_key,
        "name": change.name,
        "programme": change.programme,
        "what": change.what,
        "detail": change.detail,
        "next_mail": None if effect.next_mail is None else write_instant(effect.next_mail.slot),
        "plan": None if effect.plan is None else _plan_row(effect.plan),
    }


def refusal_row(refusal: Refusal) -> dict[str, object]:
    """A row that enrols nobody, since it is of somebody erased."""
    path, _, line = refusal.origin.rpartition(":")
    return {
        "path": path,
        "line": int(line),
        "erased_on": refusal.erased_on.isoformat(),
        "receipt": refusal.receipt,
    }


def _plan_row(plan: PlanChange) -> dict[str, object]:
    return {
        "sent": plan.sent,
        "kept": list(plan.kept),
        "moved": [
            {"item": moved.item, "from": moved.before.isoformat(), "to": moved.after.isoformat()}
            for moved in plan.moved
        ],
        "dropped": [{"item": dropped.item, "why": dropped.why} for dropped in plan.dropped],
        "new": [{"item": added.item, "on": added.on.isoformat()} for added in plan.added],
    }
