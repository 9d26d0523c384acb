"""What SpamAssassin makes of the mails, by its local rules alone."""

import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import pytest

from tests.integration.mail.gallery import write_some

pytestmark = pytest.mark.spamassassin
KNOWN_SPAM: Final = b"XJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X"  # SpamAssassin's own sample
OPTIONS: Final = (
    "--local",
    "--test-mode",
    "--nocreate-prefs",
    f"--prefspath={os.devnull}",
    "--cf=use_bayes 0",  # nothing is learnt from one test for another
    "--cf=fold_headers 0",
    "--cf=add_header all Rules _TESTSSCORES(,)_",
)
RULES = re.compile(r"(?m)^X-Spam-Rules: (\S+)\r?$")


def judge(mails: Mapping[str, bytes], folder: Path) -> dict[str, dict[str, float]]:
    """The points against each mail by the rule that gave them; one process for all mails.

    Points in a mail's favour do not count: before its journey a mail is let off some rules.
    """
    files: list[Path] = []
    for number, message in enumerate(mails.values()):
        files.append(folder / f"{number:03}.eml")
        files[-1].write_bytes(message)
    environ = {"PATH": os.environ["PATH"], "HOME": str(folder)}
    ran = subprocess.run(
        [str(shutil.which("spamassassin")), *OPTIONS, *files], env=environ, capture_output=True, check=False
    )
    found = RULES.findall(ran.stdout.decode("utf-8", "replace"))
    assert len(found) == len(mails), ran.stderr.decode()
    rules = (dict(rule.split("=") for rule in line.split(",") if "=" in rule) for line in found)
    return {
        name: {rule: points for rule, value in given.items() if (points := float(value)) > 0}
        for name, given in zip(mails, rules, strict=True)
    }


def test_no_mail_has_more_than_zero_points(tmp_path: Path) -> None:
    given = judge({mail.name: mail.composed.message for mail in write_some()}, tmp_path)

    assert {name: points for name, points in given.items() if round(sum(points.values()), 1) > 0} == {}


def test_spam_would_be_seen(tmp_path: Path) -> None:
    message = write_some()[0].composed.message
    spam = message.replace(b"Subject: ", b"Subject: " + KNOWN_SPAM, 1)

    assert judge({"spam": spam}, tmp_path)["spam"]["GTUBE"] > 100
