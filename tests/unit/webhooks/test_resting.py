"""How long to wait after a failure."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduler.webhooks.resting import plan_rest, read_retry_after
from tests.builders import at

NOW = at("2027-01-12 09:00")


@given(st.text(), st.integers(0, 500), st.integers(0, 10_000))
def test_waits_grow_with_the_failures_and_never_beyond_their_bounds(message: str, tries: int, failures: int) -> None:
    rest = plan_rest(message, tries=tries, failures=failures, asked=None, now=NOW)

    assert rest == plan_rest(message, tries=tries, failures=failures, asked=None, now=NOW)
    steps = min(10 * 3.0 ** min(tries, 20), 12 * 3600)
    assert 0.75 * steps <= (rest.again_at - NOW).total_seconds() <= 1.25 * steps
    steps = min(5 * 2.0 ** min(failures, 20), 3600)
    assert 0.74 * steps <= (rest.until - NOW).total_seconds() <= 1.26 * steps


def test_two_messages_that_fail_together_come_back_apart() -> None:
    waits = {plan_rest(f"msg_{number}", tries=3, failures=0, asked=None, now=NOW).again_at for number in range(50)}

    assert len(waits) == 50


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (None, None),
        ("120", 120),
        (" 0 ", 0),
        ("Tue, 12 Jan 2027 10:00:00 GMT", 3600),
        ("Tue, 12 Jan 2027 08:00:00 GMT", 0),
        ("99999999999999999999", 86_400),
        ("Tue, 12 Jan 2032 10:00:00 GMT", 86_400),
        ("-5", None),
        ("soon", None),
        ("", None),
        ("٣", None),
    ],
)
def test_retry_after_is_read_in_both_its_forms(value: str | None, seconds: int | None) -> None:
    asked = read_retry_after(value, now=NOW)

    assert asked == (None if seconds is None else timedelta(seconds=seconds))


@given(st.text())
def test_any_retry_after_is_read_or_passed_over(value: str) -> None:
    asked = read_retry_after(value, now=NOW)

    assert asked is None or timedelta(0) <= asked <= timedelta(hours=24)
