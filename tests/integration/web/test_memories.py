"""What is kept of remembering: written with the press that changes it, and the same when worked out anew."""

from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Update, delete, update

from models.database import Database
from models.domain import Belief, Memory, PlannedNudge
from models.memories import KeptMemory, keep_memories, read_memories
from models.store import read_enrolments
from models.tables import EnrolmentRow, LeaderRow, MailItemRow, MailRow, MemoryRow
from scheduler.agenda import plan_missing
from scheduler.asking import appearances_of
from scheduler.deciding import decide, read_brief_cases, read_cases
from scheduler.history import read_brief_histories, read_histories
from scheduler.memory import remember
from scheduler.planning import next_nudge
from scheduler.remembering import Replayed, replay
from tests.builders import at
from tests.integration.web.scene import PROGRAMME, RECALL, Scene, open_scene


def read_kept(scene: Scene) -> Memory | None:
    with scene.database.reading() as session:
        kept = read_memories(session, [scene.enrolment_id]).get(scene.enrolment_id)
        return None if kept is None else kept.memory


def work_out(scene: Scene) -> Memory:
    """The memory by a replay of everything, without what is kept."""
    with scene.database.reading() as session:
        (enrolment,) = read_enrolments(session, tracking={PROGRAMME: "ask"}, ids=[scene.enrolment_id])
        history = read_histories(session, [enrolment])[enrolment.id]
    return remember(appearances_of(history, enrolment.start_date))


def plan(scene: Scene) -> None:
    plan_missing(
        scene.database, programmes=scene.programmes, tracking={PROGRAMME: "ask"}, plan=next_nudge, now=scene.now
    )


def add_question(scene: Scene, *, day: int, ordinal: int) -> int:
    """One more nudge that went out, with a question about `listen-first`."""
    on = date(2027, 1, 11) + timedelta(days=day)
    sent_at = at(f"{on} 08:30")
    mail_id = scene.add_mail(
        state="sent", ordinal=ordinal, local_date=on, day=day, slot=sent_at, ended_at=sent_at, tracked=True
    )
    with scene.database.sessions.begin() as session:
        session.add(
            MailItemRow(
                mail_id=mail_id, position=0, item="listen-first", kind="tip", placed="prompt", question="recall"
            )
        )
    return mail_id


def test_an_answer_and_what_it_says_of_remembering_are_kept_together(scene: Scene) -> None:
    asked = scene.path("a", add_question(scene, day=8, ordinal=2), 0)
    assert read_kept(scene) is None
    scene.press(asked, answer="forgot")
    forgot = read_kept(scene)
    assert forgot == work_out(scene)
    scene.press(asked, answer="using")
    using = read_kept(scene)
    assert using == work_out(scene)
    assert using is not None
    assert forgot is not None
    assert using.beliefs["listen-first"].stability_days > forgot.beliefs["listen-first"].stability_days


def test_planning_keeps_what_was_sent_since(scene: Scene) -> None:
    plan(scene)
    assert read_kept(scene) == work_out(scene)
    add_question(scene, day=8, ordinal=3)
    assert read_kept(scene) != work_out(scene)
    with scene.database.sessions.begin() as session:
        session.execute(delete(MemoryRow))
    replay(scene.database)
    assert read_kept(scene) == work_out(scene)


def decide_both(scene: Scene) -> list[PlannedNudge | None]:
    """The next nudge, from all that is on record and from what is kept."""
    with scene.database.reading() as session:
        enrolments = read_enrolments(session, tracking={PROGRAMME: "ask"}, ids=[scene.enrolment_id])
        cases = [read_cases(session, enrolments), read_brief_cases(session, enrolments, now=scene.now)]
    return [decide(next_nudge, case[scene.enrolment_id], programmes=scene.programmes, now=scene.now) for case in cases]


def read_settled(scene: Scene) -> int:
    """Up to which nudge planning trusts what is kept."""
    with scene.database.reading() as session:
        enrolments = read_enrolments(session, tracking={PROGRAMME: "ask"}, ids=[scene.enrolment_id])
        history = read_brief_histories(session, enrolments, now=scene.now)[scene.enrolment_id]
    return 0 if history.settled is None else history.settled.through


def test_planning_trusts_what_is_kept_once_silence_counts(scene: Scene) -> None:
    plan(scene)
    assert read_settled(scene) == 0  # of this morning's mail silence says nothing yet
    scene.wait(days=2)
    assert read_settled(scene) == 1
    first, again = decide_both(scene)
    assert first == again


def test_what_was_worked_out_before_an_answer_is_not_trusted_and_soon_replaced(scene: Scene) -> None:
    plan(scene)
    with scene.database.reading() as session:
        before = read_memories(session, [scene.enrolment_id])
    scene.wait(days=3)
    scene.press(scene.question(RECALL), answer="forgot")
    with scene.database.sessions.begin() as session:
        keep_memories(session, before)  # a planner that read before the press writes after it
    assert read_settled(scene) == 0
    first, again = decide_both(scene)
    assert first == again
    with scene.database.sessions.begin() as session:
        session.execute(delete(MailRow).where(MailRow.state == "planned"))
    plan(scene)
    assert read_kept(scene) == work_out(scene)


@pytest.mark.parametrize(
    "change",
    [
        update(EnrolmentRow).values(start_date=date(2027, 1, 4)),
        update(LeaderRow).values(assistant_reads=True),
        update(MailRow).where(MailRow.state == "sent").values(state="in_doubt"),
    ],
    ids=["another start", "an assistant", "a doubt"],
)
def test_what_was_worked_out_from_something_else_is_not_trusted(scene: Scene, change: Update) -> None:
    plan(scene)
    scene.wait(days=2)
    assert read_settled(scene) == 1
    with scene.database.sessions.begin() as session:
        session.execute(change)
    assert read_settled(scene) == 0


@pytest.mark.parametrize(
    "beliefs",
    [
        '{"listen-first": [1.0, 5.0, 0.0]}',
        "{broken",
        "[1]",
        "[]",
        '{"listen-first": [1.0]}',
        '{"listen-first": ["x"]}',
        "",
    ],
)
def test_what_is_kept_wrongly_or_cannot_be_read_stops_nothing_and_is_mended(scene: Scene, beliefs: str) -> None:
    scene.press(scene.question(RECALL), answer="using")
    right = read_kept(scene)
    assert replay(scene.database) == Replayed(enrolments=1, changed=0)
    with scene.database.sessions.begin() as session:
        session.execute(update(MemoryRow).values(beliefs=beliefs))
    assert read_kept(scene) != right
    plan(scene)
    assert read_kept(scene) == right
    with scene.database.sessions.begin() as session:
        session.execute(update(MemoryRow).values(beliefs=beliefs))
    assert replay(scene.database, only=[scene.enrolment_id]) == Replayed(enrolments=1, changed=1)
    assert read_kept(scene) == right


def test_figures_are_kept_to_the_last_bit(scene: Scene) -> None:
    odd = Memory(beliefs={"a": Belief(0.1 + 0.2, 1 / 3, -1e-9)}, opened=3.7000000000000001, unopened=2**-40)
    with scene.database.sessions.begin() as session:
        kept = KeptMemory(memory=odd, through=1, made_from="a test")
        keep_memories(session, {scene.enrolment_id: kept})
    assert read_kept(scene) == odd


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    deeds=st.lists(
        st.one_of(
            st.sampled_from(["plan", "open"]),
            st.tuples(st.integers(0, 3), st.sampled_from(["using", "nearly", "forgot"])),
        ),
        max_size=10,
    )
)
def test_whatever_comes_in_and_in_whatever_order_what_is_kept_is_a_replay(
    database: Database, deeds: list[str | tuple[int, str]]
) -> None:
    with database.sessions.begin() as session:
        session.execute(delete(LeaderRow))  # and all that hangs on one
    scene = open_scene(database)
    mails = [scene.mail_id, *(add_question(scene, day=1 + 7 * n, ordinal=1 + n) for n in range(1, 4))]
    for deed in deeds:
        scene.wait(hours=19)
        if deed == "plan":
            plan(scene)
        elif deed == "open":
            scene.get(scene.path("o", scene.mail_id))
        else:
            which, answer = deed
            scene.press(scene.path("a", mails[int(which)], 0), answer=answer)
    first, again = decide_both(scene)
    assert first == again
    plan(scene)
    replayed = replay(database, only=[scene.enrolment_id])
    assert read_kept(scene) == work_out(scene)
    assert replayed.changed == 0 or "open" in deeds
