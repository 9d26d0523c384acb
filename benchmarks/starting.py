"""How long `python main.py --help` takes, beside an interpreter that does nothing and the limit of half a second."""

import subprocess
import sys
from pathlib import Path

from benchmarks.measuring import print_figures, time_each

LIMIT_SECONDS = 0.5
TOP = Path(__file__).parents[1]


def run() -> None:
    """Prints the medians of nine runs each."""

    def start(*args: str) -> None:
        subprocess.run([sys.executable, *args], cwd=TOP, check=True, capture_output=True)

    helped, bare = time_each(lambda: start("main.py", "--help"), lambda: start("-c", "pass"), rounds=9)
    rows = [
        ["python -c pass", f"{bare:.3f}", f"{bare / LIMIT_SECONDS:.2f}"],
        ["python main.py --help", f"{helped:.3f}", f"{helped / LIMIT_SECONDS:.2f}"],
    ]
    print_figures("Starting (median of 9)", ["command", "seconds", f"of the limit of {LIMIT_SECONDS} s"], rows)
