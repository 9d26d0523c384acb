"""Figures with their standard errors, paired over leaders: every rule met the same ones."""

from dataclasses import dataclass

import numpy as np

from benchmarks.trial.arrays import Floats


@dataclass(frozen=True, slots=True)
class Figure:
    """An estimate and its standard error."""

    value: float
    error: float


def mean_of(values: Floats) -> Figure:
    """The mean over leaders."""
    return Figure(float(values.mean()), _error(values))


def ratio_of(values: Floats, others: Floats) -> Figure:
    """The ratio of two means over the same leaders; its error by the delta method."""
    ratio = float(values.mean() / others.mean())
    return Figure(ratio, _error((values - ratio * others) / others.mean()))


def difference_of(values: Floats, others: Floats) -> Figure:
    """The mean difference over the same leaders."""
    return mean_of(values - others)


def _error(values: Floats) -> float:
    return float(values.std(ddof=1) / np.sqrt(len(values)))
