"""How long a rehearsal of every role takes, and how soon a saved edit of a watched item is on its page."""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from benchmarks.measuring import print_figures, time_each

LIMIT_SECONDS = 20.0
LIMIT_EDIT_SECONDS = 1.0
ROUNDS = 5
EDITS = 20
TOP = Path(__file__).parents[1]
ITEM = "share-risk-early"


def run() -> None:
    """Prints the medians, each command in a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        here = Path(folder)
        shutil.copytree(TOP / "config", here / "config")
        environ = {**os.environ, "FIRST100_CONFIG": str(here / "config"), "FIRST100_DATA": str(here / "var")}
        _print_whole(here, environ)
        _print_edits(here, environ)


def _print_whole(here: Path, environ: dict[str, str]) -> None:
    def rehearse(name: str, *more: str) -> None:
        command = [sys.executable, "main.py", "rehearse", "--start", "2027-01-11", "--out", str(here / name), *more]
        subprocess.run(command, cwd=TOP, env=environ, check=True, capture_output=True)

    every, one = time_each(lambda: rehearse("every"), lambda: rehearse("one", "--role", "chair"), rounds=ROUNDS)
    rows: list[list[str]] = []
    for words, name, seconds in (("every role", "every", every), ("one role", "one", one)):
        mails, octets = _weigh(here / name)
        rows.append([words, str(mails), f"{octets / 2**20:.1f}", f"{seconds:.2f}", f"{seconds / LIMIT_SECONDS:.2f}"])
    title = f"rehearse, from the command line to the last file (median of {ROUNDS})"
    print_figures(title, ["what", "mails", "MB", "seconds", f"of the limit of {LIMIT_SECONDS:g} s"], rows)


def _weigh(folder: Path) -> tuple[int, int]:
    files = [path for path in folder.rglob("*") if path.is_file()]
    return sum(path.suffix == ".eml" for path in files), sum(path.stat().st_size for path in files)


def _print_edits(here: Path, environ: dict[str, str]) -> None:
    seconds = _time_edits(here / "config" / "first-100-days" / "tips" / f"{ITEM}.md", environ)
    rows = [
        [words, f"{taken:.2f}", f"{taken / LIMIT_EDIT_SECONDS:.2f}"]
        for words, taken in (("median", median(seconds)), ("longest", max(seconds)))
    ]
    title = f"rehearse --watch: from saving an edit to the page that shows it ({EDITS} edits)"
    print_figures(title, ["", "seconds", f"of the limit of {LIMIT_EDIT_SECONDS:g} s"], rows)


def _time_edits(tip: Path, environ: dict[str, str]) -> list[float]:
    command = [sys.executable, "main.py", "rehearse", "--item", ITEM, "--watch"]
    watching = subprocess.Popen(command, cwd=TOP, env=environ, stdout=subprocess.PIPE, text=True)
    if watching.stdout is None:
        raise RuntimeError("the command has no output to read")
    sound = tip.read_text(encoding="utf-8")
    seconds: list[float] = []
    try:
        for opening in ("Watching ", "“"):
            _expect(opening, watching.stdout.readline())
        for number in range(EDITS):
            begun = time.perf_counter()
            tip.write_text(sound.replace('subject: "The risk', f'subject: "{number}: a risk'), encoding="utf-8")
            _expect(f"“{number}: a risk", watching.stdout.readline())  # said once the page is written
            seconds.append(time.perf_counter() - begun)
    finally:
        watching.kill()
        watching.communicate()
    return seconds


def _expect(opening: str, line: str) -> None:
    if not line.startswith(opening):
        raise RuntimeError(f"rehearse said {line!r} and not {opening!r}")
