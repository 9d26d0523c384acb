"""Why a leader got a nudge on a day, or got none."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated

import typer

from commands.casting import read_date
from commands.opening import open_house
from commands.planning import find_enrolment
from commands.printing import print_json, print_lines, write_instant, write_local
from commands.wiring import CommandError, wiring_of
from models.domain import Enrolment, PlannedNudge
from models.record import ChangeOn, MailOn, read_changes_on, read_mails_on, read_stop_on
from models.tables import OPEN_STATES
from scheduler.calendar import local_date
from scheduler.deciding import PlanningError, explain, read_cases
from scheduler.explaining import Account

FARTHEST_DAYS = 1500  # from the start date: no plan reaches farther


def why(
    context: typer.Context,
    email: Annotated[str, typer.Argument(help="The leader's address.")],
    day: Annotated[
        date | None, typer.Argument(metavar="[DATE]", help="Year-month-day; today without it.", parser=read_date)
    ] = None,
    programme: Annotated[str | None, typer.Option(help="Which programme, where the leader takes several.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document on standard output.")] = False,
) -> None:
    """Why this leader got or did not get a nudge that day: every rule that spoke, in order."""
    wiring = wiring_of(context)
    with open_house(wiring) as house, house.database.reading() as session:
        enrolment = find_enrolment(session, house, email, programme)
        on = day or local_date(enrolment.leader, wiring.clock())
        _refuse_far_away(enrolment, on)
        case = read_cases(session, (enrolment,))[enrolment.id]
        try:
            account = explain(
                case,
                programmes=house.config.current.programmes,
                now=wiring.clock(),
                on=on,
                stopped=read_stop_on(session, enrolment, on),
            )
        except PlanningError as error:
            raise CommandError(str(error)) from error
        mails = read_mails_on(session, enrolment.id, on)
        changes = read_changes_on(session, enrolment, on)
    if as_json:
        print_json(_document(enrolment, on, account, mails, changes))
        return
    leader = enrolment.leader
    title = f"{leader.name} ({enrolment.programme}), {on:%A} {on.day} {on:%B %Y}"
    print_lines([f"{title}: {_say_verdict(account, mails)}"])
    lines = [f"{said.rule}: {said.words}" for said in account.said]
    lines += [_say_mail(mail, leader.time_zone, now=wiring.clock()) for mail in mails]
    lines += [_say_change(change) for change in changes]
    lines += _say_outcome(account.nudge, mails, on=on, today=local_date(leader, wiring.clock()))
    print_lines([f"{number:2}. {line}" for number, line in enumerate(lines, 1)])


def _refuse_far_away(enrolment: Enrolment, on: date) -> None:
    if abs(on.toordinal() - enrolment.start_date.toordinal()) > FARTHEST_DAYS:
        raise CommandError(
            f"{on.isoformat()} is years away from the start date, {enrolment.start_date}; check the date"
        )


def _say_verdict(account: Account, mails: Sequence[MailOn]) -> str:
    if any(mail.state in ("sent", "in_doubt") for mail in mails):
        return "a mail went out."
    return account.verdict


def _say_mail(mail: MailOn, zone: str, *, now: datetime) -> str:
    if mail.state in OPEN_STATES:
        if mail.slot >= now:
            return f"mail: planned for {write_local(mail.slot, zone)}."
        said = f"the mail server said: {mail.answer}" if mail.answer else "the service has not sent anything since"
        return f"mail: due, and not out yet; {said}."
    when = "" if mail.ended_at is None else f" on {write_local(mail.ended_at, zone)}"
    what = f", “{mail.subject}”" if mail.subject else ""
    match mail.state:
        case "sent":
            return f"mail: sent{when}{what}."
        case "in_doubt":
            return (
                f"mail: in doubt since{when.removeprefix(' on')}{what}: it may have arrived, so it is not sent again."
            )
        case "expired":
            return f"mail: not sent, {mail.why}; given up{when}."
        case _:
            said = f"; the mail server said: {mail.answer}" if mail.answer else ""
            return f"mail: {mail.state.replace('_', ' ')}{when}{what}{said}."


def _say_change(change: ChangeOn) -> str:
    what = ", ".join(f"{name.replace('_', ' ')} from {before} to {after}" for name, before, after in change.fields)
    return f"changed that day: {change.action.replace('_', ' ')}, by the {change.actor}{f' ({what})' if what else ''}."


def _say_outcome(nudge: PlannedNudge | None, mails: Sequence[MailOn], *, on: date, today: date) -> list[str]:
    if mails or on >= today:
        return []
    if nudge is None:
        return ["mail: none was sent."]
    return [
        "mail: none was sent, though by today's settings one would have been: settings, pauses or answers were "
        "different that day, or the service did not run."
    ]


def _document(
    enrolment: Enrolment, on: date, account: Account, mails: Sequence[MailOn], changes: Sequence[ChangeOn]
) -> dict[str, object]:
    def instant(at: datetime | None) -> str | None:
        return None if at is None else write_instant(at)

    return {
        "leader": enrolment.leader.email,
        "programme": enrolment.programme,
        "date": on.isoformat(),
        "day": account.day,
        "planned": account.nudge is not None,
        "verdict": _say_verdict(account, mails),
        "rules": [{"rule": said.rule, "says": said.words} for said in account.said],
        "mails": [
            {
                "state": mail.state,
                "slot": instant(mail.slot),
                "ended_at": instant(mail.ended_at),
                "subject": mail.subject,
                "why": mail.why,
                "answer": mail.answer,
            }
            for mail in mails
        ],
        "changes": [{"at": instant(change.at), "actor": change.actor, "action": change.action} for change in changes],
    }
