"""Which leaders' weeks have no room for all of their programme, as warnings about the files that say so."""

from config.load import Config
from config.problems import Problem
from scheduler.fitting import find_misfits


def warn_of_misfits(config: Config) -> list[Problem]:
    """A warning for each leader whose week has no room for all of a programme, whenever they are enrolled."""
    problems: list[Problem] = []
    for entry in (entry for entries in config.roster.values() for entry in entries):
        for name in entry.programmes:
            programme = config.programmes[name]
            misfits = find_misfits(programme, entry)
            if misfits:
                path, _, line = entry.origin.rpartition(":")
                what = "; ".join(f"{misfit.item}: {misfit.why}" for misfit in misfits)
                words = f"{entry.leader.name}: not all of {name} fits into this leader's days: {what}; "
                words += "give more working days or another pace, or name in skip what may stay out"
                problems.append(Problem(path=path, line=int(line), column=1, message=words, severity="warning"))
    return problems
