"""Texts whose review is overdue."""

from collections.abc import Sequence
from datetime import date

from config.problems import Problem
from config.reading.items import FoundItem


def check_reviews(found: Sequence[FoundItem], *, today: date) -> list[Problem]:
    """A warning for each item that should have been read again before today."""
    return [
        one.passage.problem(
            f"review_by: the review was due on {one.review_by}, {_days((today - one.review_by).days)} ago; "
            "read it again, then set reviewed_by and a later day",
            "review_by",
            severity="warning",
        )
        for one in found
        if one.review_by is not None and one.review_by < today
    ]


def _days(count: int) -> str:
    return "1 day" if count == 1 else f"{count} days"
