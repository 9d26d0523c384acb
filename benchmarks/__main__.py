"""Runs the benchmarks: all of them, or those named. Each prints a table with ratios taken in the same run.

Options after a name are that benchmark's own; only reports and spacing have any.
"""

import sys

from benchmarks import composing, deciding, events, planning, rehearsing, reports, spacing, starting, webhooks

BENCHMARKS = {
    "composing": composing.run,
    "deciding": deciding.run,
    "events": events.run,
    "planning": planning.run,
    "rehearsing": rehearsing.run,
    "reports": reports.run,
    "spacing": spacing.run,
    "starting": starting.run,
    "webhooks": webhooks.run,
}


def main() -> None:
    if sys.argv[1:2] in (["reports"], ["spacing"]):
        (reports if sys.argv[1] == "reports" else spacing).run(sys.argv[2:])
        return
    names = sys.argv[1:] or list(BENCHMARKS)
    unknown = [name for name in names if name not in BENCHMARKS]
    if unknown:
        sys.exit(f"no benchmark is called {', '.join(unknown)}; known: {', '.join(BENCHMARKS)}")
    for name in names:
        BENCHMARKS[name]()


main()
