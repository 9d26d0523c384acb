"""The check of a signature that the documentation shows: it runs, and it tells right from wrong."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from scheduler.webhooks.signing import sign, write_secret

PAGE = Path(__file__).parents[2] / "docs" / "webhooks.md"
SECRET = b"a secret of the right length, 32"


def load_check() -> Callable[[str, dict[str, str], bytes], bool]:
    """The function of the documentation."""
    (code,) = re.findall(r"(?s)```python\n(.*?)```", PAGE.read_text(encoding="utf-8"))
    names: dict[str, Any] = {}
    exec(code, names)  # noqa: S102
    return names["is_genuine"]


def test_the_documented_check_takes_what_is_signed_by_one_of_two_secrets_and_nothing_else() -> None:
    is_genuine, body = load_check(), b'{"type":"sent"}'
    signature = sign([b"a newer secret, also 32 octets..", SECRET], message_id="msg_1", timestamp=7, body=body)
    headers = {"webhook-id": "msg_1", "webhook-timestamp": "7", "webhook-signature": signature}

    assert is_genuine(write_secret(SECRET), headers, body)
    assert not is_genuine(write_secret(b"neither of the two secrets here."), headers, body)
    assert not is_genuine(write_secret(SECRET), {**headers, "webhook-timestamp": "8"}, body)
    assert not is_genuine(write_secret(SECRET), {**headers, "webhook-id": "msg_2"}, body)
    assert not is_genuine(write_secret(SECRET), headers, b'{"type":"completed"}')
