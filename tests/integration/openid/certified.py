"""The certified provider, started on loopback."""

import json
import subprocess
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from tests.npm import find_node

SCRIPT = Path(__file__).with_name("certified.mjs")


@contextmanager
def open_certified(*, callback: str, home: str, secret: str) -> Generator[str]:
    """The issuer of a provider that knows us, gone again afterwards."""
    told = json.dumps({"callback": callback, "home": home, "secret": secret})
    process = subprocess.Popen(
        [find_node(), SCRIPT, told], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    with process:
        try:
            assert process.stdout is not None
            issuer = process.stdout.readline().strip()
            assert issuer, "the provider did not start"
            yield issuer
        finally:
            process.kill()
