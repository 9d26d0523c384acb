"""Happenings told to webhooks: claim → put together → post → record, at several webhooks at a time.

At one webhook messages go one after the other, the oldest first; a failure ends its turn, and it rests. No transaction
is open while anything is posted. Whoever dies on the way leaves a lease behind; when that is over, the same message
goes out once more, under the same id.
"""

import asyncio
import logging
from collections import Counter, deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Literal, TypeVar

from sqlalchemy.orm import Session

from models.database import Database
from models.deliveries import (
    ClaimedDelivery,
    claim_deliveries,
    find_due_webhooks,
    record_delivered,
    record_dropped,
    record_failed,
    release_delivery,
)
from models.failures import DatabaseError
from models.webhooks import Webhook, WebhookError, disable_webhook, find_webhook
from models.writer import WriterBusyError
from scheduler.webhooks.posting import Answer, Line, Outlet
from scheduler.webhooks.resting import plan_rest
from scheduler.webhooks.signing import HookSecrets
from scheduler.webhooks.telling import Message, read_messages, write_body

AT_ONCE = 32  # webhooks
BATCH = 20  # deliveries claimed at once: a crash strands no more of a webhook's until their lease runs out
LEASE = timedelta(minutes=5)  # longer than a batch can take, whatever the other side does
TURN = timedelta(seconds=60)  # a webhook gets so long before others have their turn
PAUSE_SECONDS = 2.0  # between two looks for what is due

_UNSIGNED = "its secret goes with one of the installation's that is not here; make it a new one"
Outcome = Literal["delivered", "failed", "dropped", "lost"]
Given = TypeVar("Given")
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Courier:
    """All that telling takes. `stopping` ends it after the messages that are on their way."""

    database: Database
    secrets: HookSecrets
    outlet: Outlet
    new_token: Callable[[], str]
    clock: Callable[[], datetime]
    answers_visible: bool = False
    stopping: Callable[[], bool] = lambda: False


def deliver_due(courier: Courier) -> Counter[Outcome]:
    """One turn for each webhook for which something is due; gives how often each outcome was."""

    async def deliver() -> Counter[Outcome]:
        places = asyncio.Semaphore(AT_ONCE)

        async def take_place(number: int) -> Counter[Outcome]:
            async with places:
                return await _take_turn(courier, number)

        turns = await asyncio.gather(*map(take_place, await _find_due(courier)))
        return sum(turns, Counter[Outcome]())

    return asyncio.run(deliver())


def deliver_on(courier: Courier, *, pause_seconds: float = PAUSE_SECONDS) -> None:
    """Tell webhooks whatever is due, until the service stops; one that is slow or dead holds up no other."""

    async def deliver() -> None:
        turns: dict[int, asyncio.Task[Counter[Outcome]]] = {}
        while not courier.stopping():
            turns = {number: turn for number, turn in turns.items() if not turn.done()}
            due = [number for number in await _find_due(courier) if number not in turns]
            for number in due[: AT_ONCE - len(turns)]:
                turns[number] = asyncio.create_task(_take_turn(courier, number))
            await asyncio.sleep(pause_seconds)
        await asyncio.gather(*turns.values())

    asyncio.run(deliver())


async def _find_due(courier: Courier) -> tuple[int, ...]:
    try:
        return await _read(courier, lambda session: find_due_webhooks(session, now=courier.clock()))
    except DatabaseError as error:
        _log.warning("webhooks wait: %s", error)
        return ()


async def _take_turn(courier: Courier, number: int) -> Counter[Outcome]:
    """A turn that hurts nobody else when it fails; the claims that it leaves run out by themselves."""
    try:
        return await _serve(courier, number)
    except (DatabaseError, WriterBusyError, WebhookError) as error:
        _log.warning("webhook %d waits: %s", number, error)
    except Exception:
        _log.exception("a turn of webhook %d failed; the next one comes", number)
    return Counter()


# ---------------------------------------------------------------- one webhook's turn


async def _serve(courier: Courier, number: int) -> Counter[Outcome]:
    """Tell a webhook what is due, the oldest first, until nothing is, its time is up, or it fails."""
    outcomes: Counter[Outcome] = Counter()
    ends = courier.clock() + TURN
    async with AsyncExitStack() as stack:
        line: Line | None = None
        while courier.clock() < ends and not courier.stopping() and not outcomes["failed"]:
            claimed = await _write(courier, partial(_claim, courier, number))
            if not claimed:
                break
            webhook, messages = await _read(courier, partial(_prepare, courier, number, claimed))
            secrets = courier.secrets.derive_all(webhook.seals, now=courier.clock())
            if not secrets:
                await _disable(courier, number, _UNSIGNED)
                outcomes["failed"] += 1
                break
            if line is None:
                line = Line(courier.outlet, webhook.url)
                stack.push_async_callback(line.close)
            outcomes += await _tell_all(courier, webhook, line, secrets, claimed, messages)
    return outcomes


def _claim(courier: Courier, number: int, session: Session) -> tuple[ClaimedDelivery, ...]:
    return claim_deliveries(session, number, now=courier.clock(), limit=BATCH, lease=LEASE, token=courier.new_token())


def _prepare(
    courier: Courier, number: int, claimed: Sequence[ClaimedDelivery], session: Session
) -> tuple[Webhook, dict[int, Message]]:
    webhook = find_webhook(session, number)
    return webhook, read_messages(session, webhook, claimed, answers_visible=courier.answers_visible)


async def _tell_all(
    courier: Courier,
    webhook: Webhook,
    line: Line,
    secrets: Sequence[bytes],
    claimed: Sequence[ClaimedDelivery],
    messages: Mapping[int, Message],
) -> Counter[Outcome]:
    """Tell one after the other, up to the first failure; what is left then is given back.

    While one message is on its way, what came of those before it goes to the disk.
    """
    left, failed = deque(claimed), False
    records: list[asyncio.Task[Outcome]] = []
    while left and not courier.stopping() and not failed:
        delivery = left.popleft()
        message = messages.get(delivery.id)
        if message is None:
            records.append(asyncio.create_task(_drop(courier, delivery)))
            continue
        answer = await line.post(message, secrets, now=courier.clock())
        records.append(asyncio.create_task(_record(courier, webhook, delivery, message, answer)))
        failed = not answer.is_accepted
    outcomes = Counter(await asyncio.gather(*records))
    for delivery in left:
        await _write(courier, partial(release_delivery, claimed=delivery))
    return outcomes


async def _drop(courier: Courier, delivery: ClaimedDelivery) -> Outcome:
    dropped = partial(record_dropped, claimed=delivery, why="not one of its leaders", now=courier.clock())
    return "dropped" if await _write(courier, dropped) else "lost"


async def _record(
    courier: Courier, webhook: Webhook, delivery: ClaimedDelivery, message: Message, answer: Answer
) -> Outcome:
    now = courier.clock()
    if answer.is_accepted:
        done = partial(record_delivered, claimed=delivery, status=answer.status or 0, now=now)
        return "delivered" if await _write(courier, done) else "lost"
    _log.warning("webhook %d: %s", webhook.id, answer.why)
    if answer.is_gone:
        await _disable(courier, webhook.id, "answered 410: it is there no more")
        return "failed"
    rest = plan_rest(message.id, tries=delivery.tries, failures=webhook.failures, asked=answer.asked, now=now)
    failed = partial(record_failed, claimed=delivery, rest=rest, status=answer.status, why=answer.why, now=now)
    await _write(courier, failed)
    return "failed"


async def _disable(courier: Courier, number: int, why: str) -> None:
    now = courier.clock()
    await _write(courier, lambda session: disable_webhook(session, number, why=why, now=now))


async def _read(courier: Courier, work: Callable[[Session], Given]) -> Given:
    def read() -> Given:
        with courier.database.reading() as session:
            return work(session)

    return await asyncio.to_thread(read)


async def _write(courier: Courier, work: Callable[[Session], Given]) -> Given:
    return await asyncio.wrap_future(courier.database.writer.submit(work))


# ---------------------------------------------------------------- a trial


def ping(courier: Courier, webhook: Webhook) -> Answer:
    """One message that says nothing but that it is one, at once, and what was answered to it."""

    async def ask() -> Answer:
        now = courier.clock()
        secrets = courier.secrets.derive_all(webhook.seals, now=now)
        if not secrets:
            return Answer(why=_UNSIGNED)
        message = Message(id=f"msg_{courier.new_token()}", body=write_body("ping", now, {"webhook": webhook.id}))
        line = Line(courier.outlet, webhook.url)
        try:
            return await line.post(message, secrets, now=now)
        finally:
            await line.close()

    return asyncio.run(ask())
