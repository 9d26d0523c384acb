"""Messages on their way to a real server on loopback: what comes of every kind of answer, and of none."""

import json
import threading
from itertools import pairwise
from pathlib import Path

import pytest
from sqlalchemy import update

from models.database import Database
from models.deliveries import claim_deliveries, record_delivered, remove_deliveries, retry_deliveries
from models.tables import LeaderRow
from models.webhooks import enable_webhook, find_troubles, remove_webhook, rotate_webhook
from scheduler.webhooks.courier import LEASE, deliver_due, deliver_on, ping
from scheduler.webhooks.signing import HookSecrets, sign
from tests.builders import at
from tests.hook_server import DRIP, DROP, FLOOD, HANG, OK, HookServer, answer
from tests.integration.webhooks.stage import SECRETS, Stage, set_stage
from tests.mail_server import make_certificates


@pytest.fixture
def stage(database: Database) -> Stage:
    return set_stage(database, key="ESR-10442")


# ---------------------------------------------------------------- what is said


def test_a_message_says_what_happened_and_carries_a_signature_that_holds(stage: Stage) -> None:
    with HookServer() as server:
        hook = stage.add(server.url)
        stage.happen("sent")
        assert deliver_due(stage.courier()) == {"delivered": 1}

    (posted,) = server.posted
    assert posted.line == "POST /hooks?from=first100 HTTP/1.1"
    told = json.loads(posted.body)
    assert told["data"].pop("event") > 0
    assert told == {
        "type": "sent",
        "timestamp": "2027-01-12T09:00:00Z",
        "data": {"enrolment": stage.enrolment, "programme": "first-100-days", "id": "ESR-10442", "day": None},
    }
    head = posted.headers
    assert head["content-type"] == "application/json"
    secrets = SECRETS.derive_all(hook.seals, now=stage.now)
    assert head["webhook-timestamp"] == f"{int(stage.now.timestamp())}"
    assert head["webhook-signature"] == sign(
        secrets, message_id=head["webhook-id"], timestamp=int(head["webhook-timestamp"]), body=posted.body
    )


@pytest.mark.parametrize(("visible", "said"), [(False, None), (True, "forgot")])
def test_how_somebody_answered_is_told_only_where_the_setting_allows_it(
    stage: Stage, visible: bool, said: str | None
) -> None:
    with HookServer() as server:
        stage.add(server.url)
        stage.answer("forgot")
        deliver_due(stage.courier(answers_visible=visible))

    told = json.loads(server.posted[0].body)
    assert (told["type"], told["data"]["answer"]) == ("answered", said)
    assert (b"forgot" in server.posted[0].body) == visible


def test_no_name_and_no_address_is_in_a_message(stage: Stage) -> None:
    with HookServer() as server:
        stage.add(server.url)
        stage.happen("enrolled", "sent", "answered", "checked_in", "completed")
        deliver_due(stage.courier())

    said = b"".join(posted.body for posted in server.posted)
    assert [json.loads(posted.body)["type"] for posted in server.posted] == [
        "enrolled",
        "sent",
        "answered",
        "checked_in",
        "completed",
    ]
    assert not any(word in said for word in (b"@", b"Sample", b"Hospitals"))


def test_a_message_goes_over_tls_that_is_checked_against_a_private_authority(stage: Stage, tmp_path: Path) -> None:
    made = make_certificates(tmp_path)
    with HookServer(certificate=made.server) as server:
        hook = stage.add(server.url)
        stage.happen("sent")
        assert deliver_due(stage.courier()) == {"failed": 1}
        assert server.posted == []
        assert "CERTIFICATE_VERIFY_FAILED" in stage.deliveries(hook.id)[0].detail
        stage.wait(hours=1)
        assert deliver_due(stage.courier(ca=made.authority)) == {"delivered": 1}

    assert len(server.posted) == 1


def test_a_connection_is_kept_for_the_next_message(stage: Stage) -> None:
    with HookServer() as server:
        stage.add(server.url)
        stage.happen("sent", "sent", "completed")
        deliver_due(stage.courier())

        assert (len(server.posted), server.connections) == (3, 1)


# ---------------------------------------------------------------- whom it concerns


def test_a_webhook_is_told_what_it_asked_for_of_its_own_leaders(stage: Stage) -> None:
    with HookServer() as server:
        ours = stage.add(server.url, events=("sent",), organisations=("Example Hospitals",))
        theirs = stage.add(server.url, organisations=("Another Trust",))
        stage.happen("sent", "answered")
        deliver_due(stage.courier())

    assert (stage.states(ours.id), stage.states(theirs.id)) == (["delivered"], [])


def test_what_is_no_longer_its_business_is_dropped(stage: Stage) -> None:
    with HookServer() as server:
        hook = stage.add(server.url, organisations=("Example Hospitals",))
        stage.happen("sent")
        with stage.database.sessions.begin() as session:
            session.execute(update(LeaderRow).values(organisation="Another Trust"))
        assert deliver_due(stage.courier()) == {"dropped": 1}

    assert (server.posted, stage.states(hook.id)) == ([], ["dropped"])


# ---------------------------------------------------------------- failures


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (answer(500), "answered 500"),
        (answer(302, "Location: https://elsewhere.example.org/"), "redirects are not followed"),
        (answer(400), "answered 400"),
        (b"EHLO I am no web server\r\n\r\n", "no connection"),
        (DROP, "no connection"),
        (HANG, "no answer within 0.3 s"),
        (DRIP, "no answer within 0.3 s"),
    ],
    ids=["fault", "redirect", "refusal", "nonsense", "drop", "hang", "drip"],
)
def test_whatever_is_no_success_is_tried_again_under_the_same_id(stage: Stage, said: bytes, why: str) -> None:
    with HookServer(answers=[said, OK]) as server:
        hook = stage.add(server.url)
        stage.happen("sent")
        assert deliver_due(stage.courier(seconds=0.3)) == {"failed": 1}
        (failed,) = stage.deliveries(hook.id)
        assert (failed.state, failed.tries, why in failed.detail) == ("waiting", 1, True)
        assert failed.not_before > stage.now
        assert deliver_due(stage.courier()) == {}
        stage.wait(hours=1)
        assert deliver_due(stage.courier()) == {"delivered": 1}

    assert len({posted.headers["webhook-id"] for posted in server.posted}) == 1
    assert len({posted.headers["webhook-signature"] for posted in server.posted}) == 2  # each of its own moment
    assert stage.webhook(hook.id).failing_since is None


def test_an_answer_that_never_ends_counts_by_its_status_and_is_not_read(stage: Stage) -> None:
    with HookServer(answers=[FLOOD]) as server:
        hook = stage.add(server.url)
        stage.happen("sent", "completed")
        assert deliver_due(stage.courier()) == {"delivered": 2}

        assert (stage.states(hook.id), server.connections) == (["delivered", "delivered"], 2)


def test_nobody_listening_is_a_failure_like_another(stage: Stage) -> None:
    with HookServer() as server:
        url = server.url
    hook = stage.add(url)
    stage.happen("sent")
    assert deliver_due(stage.courier()) == {"failed": 1}

    assert stage.states(hook.id) == ["waiting"]


def test_a_busy_server_is_left_alone_for_as_long_as_it_asks(stage: Stage) -> None:
    with HookServer(answers=[answer(429, "Retry-After: 7200"), OK]) as server:
        hook = stage.add(server.url)
        stage.happen("sent", "completed")
        deliver_due(stage.courier())
        assert stage.rest_until(hook.id) == at("2027-01-12 11:00")
        stage.wait(minutes=119)
        assert deliver_due(stage.courier()) == {}
        stage.wait(minutes=1)
        assert deliver_due(stage.courier()) == {"delivered": 2}


def test_what_always_fails_of_one_message_holds_up_no_other(stage: Stage) -> None:
    with HookServer(answers=[answer(500), OK]) as server:
        stage.add(server.url)
        stage.happen("sent")
        deliver_due(stage.courier())
        stage.happen("completed")
        stage.wait(seconds=7)  # the webhook has rested, the first message not yet waited long enough
        assert deliver_due(stage.courier()) == {"delivered": 1}

    assert json.loads(server.posted[1].body)["type"] == "completed"


def test_a_webhook_that_is_gone_is_disabled_at_once_and_told_of(stage: Stage) -> None:
    with HookServer(answers=[answer(410), OK]) as server:
        hook = stage.add(server.url)
        stage.happen("sent", "completed")
        deliver_due(stage.courier())
        stage.happen("answered")  # nobody is to be told any more

        assert stage.states(hook.id) == ["given_up", "given_up"]
        with stage.database.reading() as session:
            (trouble,) = find_troubles(session)
        assert f"webhook {hook.id} was disabled on 12 January: answered 410" in trouble
        with stage.database.sessions.begin() as session:
            enable_webhook(session, hook.id)
            assert retry_deliveries(session, hook.id, now=stage.now) == 2
            assert find_troubles(session) == ()
        assert deliver_due(stage.courier()) == {"delivered": 2}


def test_a_message_is_given_up_after_three_days_and_a_webhook_that_failed_all_the_time_is_disabled(
    stage: Stage,
) -> None:
    with HookServer(answers=[answer(503)]) as server:
        hook = stage.add(server.url)
        stage.happen("sent")
        tries: list[float] = []
        began = stage.now
        while stage.states(hook.id) == ["waiting"]:
            stage.now = max(stage.deliveries(hook.id)[0].not_before, stage.rest_until(hook.id) or stage.now)
            deliver_due(stage.courier())
            tries.append((stage.now - began).total_seconds() / 3600)
        assert len(tries) == len(server.posted)
        assert 10 <= len(tries) <= 16
        assert 48 < tries[-1] <= 72
        waits = [later - earlier for earlier, later in pairwise(tries)]
        assert waits[0] < 0.01 < waits[4] < waits[6] < 15

        stage.now = began
        stage.wait(days=3, minutes=1)
        stage.happen("sent")
        stage.wake()
        deliver_due(stage.courier())

    assert "nothing got through for 3 days: answered 503" in (stage.webhook(hook.id).disabled_why or "")
    assert stage.states(hook.id) == ["given_up", "given_up"]


def test_a_dead_webhook_holds_up_no_other(stage: Stage) -> None:
    stopping, gate = threading.Event(), threading.Event()
    with HookServer(gate=gate) as dead, HookServer() as alive:
        stage.add(dead.url)
        stage.add(alive.url)
        stage.happen("sent")
        courier = stage.courier(stopping=stopping.is_set)
        thread = threading.Thread(target=deliver_on, args=(courier,), kwargs={"pause_seconds": 0.01})
        thread.start()
        try:
            assert dead.asked.wait(10)
            assert alive.asked.wait(10)
            stage.happen("completed")  # while the other one still waits for its first answer
            assert alive.wait_for(2)
            assert len(dead.posted) == 1
        finally:
            stopping.set()
            gate.set()
            thread.join(20)


# ---------------------------------------------------------------- deaths, and two at once


def test_what_a_dead_process_had_claimed_goes_out_when_its_lease_is_over(stage: Stage) -> None:
    with HookServer() as server:
        hook = stage.add(server.url)
        stage.happen("sent")
        with stage.database.sessions.begin() as session:
            (dead,) = claim_deliveries(session, hook.id, now=stage.now, limit=9, lease=LEASE, token="dead")
        assert deliver_due(stage.courier()) == {}
        stage.wait(minutes=5)
        assert deliver_due(stage.courier()) == {"delivered": 1}
        with stage.database.sessions.begin() as session:  # it was not dead, only slow
            assert not record_delivered(session, dead, status=200, now=stage.now)

    assert stage.deliveries(hook.id)[0].tries == 1


def test_two_that_claim_never_get_the_same(stage: Stage) -> None:
    hook = stage.add("https://hooks.example.org/")
    stage.happen("sent", "sent", "sent", "sent")
    with stage.database.sessions.begin() as session:
        one = claim_deliveries(session, hook.id, now=stage.now, limit=3, lease=LEASE, token="one")
    with stage.database.sessions.begin() as session:
        other = claim_deliveries(session, hook.id, now=stage.now, limit=3, lease=LEASE, token="other")

    assert (len(one), len(other)) == (3, 1)
    assert not {delivery.id for delivery in one} & {delivery.id for delivery in other}


def test_a_webhook_removed_while_it_is_told_hurts_nobody(stage: Stage) -> None:
    gate = threading.Event()
    with HookServer(gate=gate) as server:
        hook = stage.add(server.url)
        stage.happen("sent")
        thread = threading.Thread(target=deliver_due, args=(stage.courier(),))
        thread.start()
        assert server.asked.wait(10)
        with stage.database.sessions.begin() as session:
            remove_webhook(session, hook.id)
        gate.set()
        thread.join(20)

    assert stage.states(hook.id) == []


# ---------------------------------------------------------------- secrets


def test_for_a_day_after_a_change_both_secrets_sign(stage: Stage) -> None:
    with HookServer() as server:
        hook = stage.add(server.url)
        (before,) = SECRETS.derive_all(hook.seals, now=stage.now)
        with stage.database.sessions.begin() as session:
            changed = rotate_webhook(session, hook.id, seal=SECRETS.seal(b"new" * 11), now=stage.now)
        after = SECRETS.derive_all(changed.seals, now=stage.now)[0]
        for hours in (23, 2):
            stage.wait(hours=hours)
            stage.happen("sent")
            deliver_due(stage.courier())

    def signed(number: int, *secrets: bytes) -> str:
        posted = server.posted[number]
        timestamp = int(posted.headers["webhook-timestamp"])
        return sign(secrets, message_id=posted.headers["webhook-id"], timestamp=timestamp, body=posted.body)

    assert after != before
    assert server.posted[0].headers["webhook-signature"] == signed(0, after, before)
    assert server.posted[1].headers["webhook-signature"] == signed(1, after)


def test_a_secret_of_the_installation_that_is_lost_is_told_of_and_nothing_goes_unsigned(stage: Stage) -> None:
    with HookServer() as server:
        hook = stage.add(server.url)
        stage.happen("sent")
        other = HookSecrets([b"another secret, not the first one"])
        assert deliver_due(stage.courier(secrets=other)) == {"failed": 1}

    assert server.posted == []
    assert "make it a new one" in (stage.webhook(hook.id).disabled_why or "")


# ---------------------------------------------------------------- a trial, and what goes by itself


def test_a_ping_is_signed_like_every_message_and_leaves_nothing_behind(stage: Stage) -> None:
    with HookServer() as server:
        hook = stage.add(server.url)
        assert ping(stage.courier(), hook).status == 204

    assert json.loads(server.posted[0].body) == {
        "type": "ping",
        "timestamp": "2027-01-12T09:00:00Z",
        "data": {"webhook": hook.id},
    }
    assert server.posted[0].headers["webhook-signature"].startswith("v1,")
    assert stage.deliveries(hook.id) == []


def test_deliveries_are_forgotten_thirty_days_after_their_end_and_those_that_wait_are_not(stage: Stage) -> None:
    with HookServer() as server:
        hook = stage.add(server.url)
        stage.happen("sent")
        deliver_due(stage.courier())
        stage.happen("sent")
        for days, left in ((30, 2), (1, 1)):
            stage.wait(days=days)
            with stage.database.sessions.begin() as session:
                remove_deliveries(session, now=stage.now)
            assert len(stage.deliveries(hook.id)) == left
    assert stage.states(hook.id) == ["waiting"]


def test_on_a_virtual_clock_nobody_is_told_who_is_not_on_this_machine(stage: Stage) -> None:
    with HookServer() as server:
        near, far = stage.add(server.url), stage.add("https://203.0.114.9/")
        courier = stage.courier(outlet={"local_only": True})

        assert ping(courier, near).is_accepted
        assert "virtual clock" in ping(courier, far).why
