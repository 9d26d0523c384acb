"""Signatures: the example of Standard Webhooks, and that nothing else passes for one."""

from base64 import b64decode
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from models.webhooks import Seal
from scheduler.webhooks.signing import HookSecrets, sign, write_secret
from tests.builders import at

NOW = at("2027-01-12 09:00")
SECRETS = st.binary(min_size=16, max_size=64)


def test_the_example_of_the_specification_comes_out() -> None:
    secret = b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")

    assert (
        sign([secret], message_id="msg_p5jXN8AQM9LWM0D4loKWxJek", timestamp=1614265330, body=b'{"test": 2432232314}')
        == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    )


def test_a_secret_is_handed_over_as_the_specification_writes_it() -> None:
    assert write_secret(b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")) == "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


@given(st.tuples(SECRETS, st.integers(0, 2**33), st.binary()), st.tuples(SECRETS, st.integers(0, 2**33), st.binary()))
def test_two_messages_have_one_signature_only_where_all_is_alike(
    one: tuple[bytes, int, bytes], other: tuple[bytes, int, bytes]
) -> None:
    signatures = [
        sign([secret], message_id="msg_1", timestamp=timestamp, body=body) for secret, timestamp, body in (one, other)
    ]

    assert (signatures[0] == signatures[1]) == (one == other)


@given(SECRETS, SECRETS, st.binary(min_size=32, max_size=32))
def test_a_seal_gives_the_same_secret_as_long_as_the_installations_own_is_known(
    own: bytes, newer: bytes, salt: bytes
) -> None:
    seal = HookSecrets([own]).seal(salt)
    secret = HookSecrets([own]).derive(seal)

    assert secret is not None
    assert len(secret) == 32
    assert HookSecrets([newer, own]).derive(seal) == secret
    assert (HookSecrets([newer]).derive(seal) is None) == (newer != own)


def test_two_seals_have_two_secrets_and_one_that_is_over_has_none() -> None:
    secrets = HookSecrets([b"a secret for tests, and no other"])
    one, other = secrets.seal(b"1" * 32), secrets.seal(b"2" * 32)
    over = Seal(salt=one.salt, mark=one.mark, until=NOW)
    lasting = Seal(salt=one.salt, mark=one.mark, until=NOW + timedelta(seconds=1))

    assert secrets.derive(one) != secrets.derive(other)
    assert secrets.derive_all([other, over], now=NOW) == [secrets.derive(other)]
    assert secrets.derive_all([other, lasting], now=NOW) == [secrets.derive(other), secrets.derive(one)]
