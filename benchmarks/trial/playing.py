"""Plays one rule against one model of memory: the mails go out, the leaders react, and what they recall is measured."""

from dataclasses import dataclass

import numpy as np

from benchmarks.trial.arrays import Bools, Floats
from benchmarks.trial.assumptions import HORIZON_DAY
from benchmarks.trial.leaders import SILENCE, Cohort, react
from benchmarks.trial.memories.mind import Mind
from benchmarks.trial.rule import Rule, Seen
from benchmarks.trial.timetable import Mail, Timetable


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the leaders of one cell remember; all by leader but the last two."""

    mean_recall: Floats  # mean over items of the mean from the introduction to the horizon
    knowledge_days: (
        Floats  # sum over items of the days known from day 0 to the horizon; nothing before the introduction
    )
    recall_at_100: Floats
    recall_at_180: Floats
    by_day: Floats  # share of all items known, 0 to 1, in the middle of each day
    answered: float  # share of the prompts that were answered


def play(cohort: Cohort, mind: Mind, timetable: Timetable, rule: Rule | None) -> Outcome:
    """Without a rule, the same mails go out with no questions."""
    shape = (len(cohort), timetable.items)
    mails = {mail.day: mail for mail in timetable.mails}
    known_days, by_day = np.zeros(shape), np.zeros(HORIZON_DAY)
    asked = answered = 0
    at_100 = np.zeros(len(cohort))
    for day in range(HORIZON_DAY):
        if day in mails:
            seen = _send(cohort, mind, timetable, rule, mails[day])
            asked += int(seen.asked.sum())
            answered += int((seen.answers != SILENCE).sum())
        if day == 100:
            at_100 = mind.recall(day).mean(axis=1)
        recall = mind.recall(day + 0.5)
        known_days += recall
        by_day[day] = recall.mean()
    return Outcome(
        mean_recall=(known_days / (HORIZON_DAY - timetable.introduced_day)).mean(axis=1),
        knowledge_days=known_days.sum(axis=1),
        recall_at_100=at_100,
        recall_at_180=mind.recall(HORIZON_DAY).mean(axis=1),
        by_day=by_day,
        answered=answered / max(asked, 1),
    )


def _send(cohort: Cohort, mind: Mind, timetable: Timetable, rule: Rule | None, mail: Mail) -> Seen:
    shape = (len(cohort), timetable.items)
    asked = np.zeros(shape, dtype=np.bool_) if rule is None else choose(rule.rank(mail.day), mail.room)
    new = np.zeros(shape, dtype=np.bool_)
    if mail.new is not None:
        new[:, mail.new] = True
    resources = new if mail.new in timetable.resources else np.zeros(shape, dtype=np.bool_)
    recall = mind.recall(mail.day)
    reaction = react(cohort, recall, mail=mail.number, day=mail.day, asked=asked, new=new, new_resources=resources)
    mind.expose(mail.day, read=reaction.read, recalled=reaction.recalled, tested=asked)
    seen = Seen(float(mail.day), mail.new, asked, reaction.answers, reaction.open_seen, reaction.click_seen)
    if rule is not None:
        rule.learn(seen)
    return seen


def choose(ranks: Floats, room: int) -> Bools:
    """The `room` lowest ranks of each leader; among equals the item introduced first."""
    chosen = np.zeros(ranks.shape, dtype=np.bool_)
    lowest = np.argsort(ranks, axis=1, kind="stable")[:, :room]
    np.put_along_axis(chosen, lowest, values=True, axis=1)
    if not np.isfinite(ranks[chosen]).all():
        raise ValueError(f"a rule ranked fewer than {room} items")
    return chosen
