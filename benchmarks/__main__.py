"""Runs the benchmarks: all of them, or those named. Each prints a table with ratios taken in the same run."""

import sys

from benchmarks import deciding, starting

BENCHMARKS = {"deciding": deciding.run, "starting": starting.run}


def main() -> None:
    names = sys.argv[1:] or list(BENCHMARKS)
    unknown = [name for name in names if name not in BENCHMARKS]
    if unknown:
        sys.exit(f"no benchmark is called {', '.join(unknown)}; known: {', '.join(BENCHMARKS)}")
    for name in names:
        BENCHMARKS[name]()


main()
