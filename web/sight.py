"""What HR and admins can see about a leader, said to the leader field by field: a test holds it against the reports."""

from dataclasses import dataclass

from config.settings import Settings


@dataclass(frozen=True, slots=True)
class Sight:
    """One line of what is seen, and the fields of the reports `leaders` and `leader` that it tells of."""

    says: str
    fields: frozenset[str]


@dataclass(frozen=True, slots=True)
class WhatHrSees:
    seen: tuple[Sight, ...]
    unseen: tuple[str, ...]


def tell_what_hr_sees(settings: Settings, *, watched: bool) -> WhatHrSees:
    """What is seen of a leader and what is not. `watched`: their opens and clicks are recorded."""
    seen = [
        _sight(
            "Your name, e-mail address, organisation, role, cohort, programme and start date",
            *("name", "email", "organisation", "role", "cohort", "programme", "start_date"),
        ),
        _sight(
            "Which day of the programme you are on, and whether you wait for it, take part, paused, left or have come "
            "to its end",
            *("day", "status"),
        ),
        _sight(
            "How many e-mails were sent to you, what they brought and when, how many tips and things to read are still "
            "to come, and when the next e-mail is planned",
            *("sent", "items_met", "items_total", "next_slot", "at", "state", "subject", "items", "slot"),
        ),
        _sight(
            "In which e-mails you answered, checked in or marked a habit"
            + (", or followed a link" if watched else "")
            + ", without telling which of these it was",
            "engaged",
        ),
        _sight(
            "What is planned for you and why: among the reasons, how likely it is thought that you still remember a "
            "tip",
            "why",
        ),
        _sight("Which check-ins you have done", "check_ins_done", "checked_in"),
        _sight("When you last pressed a button" + (", or opened an e-mail" if watched else ""), "last_activity"),
        _sight(
            "What may need a person: an e-mail that could not be delivered, that nothing has been heard from you, or "
            "what you asked HR to put right",
            "problems",
        ),
        _sight(
            "Each of your choices on this page, with its date, and why you left if you said so; when you were paused "
            "or held by others",
            *("by", "since", "until"),
        ),
    ]
    unseen = ["What you write at a check-in or as a note, and which tips you keep as habits"]
    how = "How you answered each question"
    if settings.answers_visible_to_admins:
        seen.append(_sight(how, "answer"))
    else:
        unseen.append(f"{how}: that is only counted, over groups of {settings.small_group} or more")
    if watched:
        seen.append(_sight("Which e-mails you opened", "opened"))
    else:
        unseen.append("Whether you open e-mails or follow links: that is not recorded")
    return WhatHrSees(tuple(seen), tuple(unseen))


def _sight(says: str, *fields: str) -> Sight:
    return Sight(says, frozenset(fields))
