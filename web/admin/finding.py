"""The leaders that a search asks for, in order, a page of them at a time: pure."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlencode

from reports.leaders import LeaderProgress

PER_PAGE = 50
_NEVER = datetime.max.replace(tzinfo=UTC)

_SORTS: Mapping[str, Callable[[LeaderProgress], tuple[object, ...]]] = {
    "name": lambda row: (row.name.casefold(),),
    "day": lambda row: (-row.day,),
    "engaged": lambda row: (-row.engaged / row.sent if row.sent else 1.0,),
    "problems": lambda row: (-len(row.problems),),
    "next": lambda row: (row.next_slot or _NEVER,),
}
SORT_NAMES: Mapping[str, str] = {
    "name": "Name",
    "problems": "What needs a person first",
    "day": "Day, the latest first",
    "engaged": "Engaged, the most first",
    "next": "Next mail",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """What somebody looks for; an empty field asks for nothing."""

    words: str = ""  # each is in the name or the address
    role: str = ""
    organisation: str = ""
    cohort: str = ""
    status: str = ""
    sort: str = "name"
    page: int = 1

    def at_page(self, page: int) -> str:
        """The same search's other page, as the end of an address."""
        more = {"sort": "" if self.sort == "name" else self.sort, "page": "" if page == 1 else f"{page}"}
        return "?" + urlencode(self.name_fields() | {name: value for name, value in more.items() if value})

    def name_fields(self) -> dict[str, str]:
        """What tells whom it finds, by the names that the fields have in a form."""
        fields = {
            "q": self.words,
            "role": self.role,
            "organisation": self.organisation,
            "cohort": self.cohort,
            "status": self.status,
        }
        return {name: value for name, value in fields.items() if value}


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One page of what was found. `options`: what each field may be asked for, by the field."""

    rows: tuple[LeaderProgress, ...]
    total: int
    page: int
    pages: int
    options: Mapping[str, tuple[str, ...]]


def find(rows: Sequence[LeaderProgress], search: Search) -> Found:
    """The page of the rows that the search asks for; the last one where it asks for one beyond."""
    options = {
        "role": sorted({row.role for row in rows}),
        "organisation": sorted({row.organisation for row in rows}),
        "cohort": sorted({row.cohort for row in rows}),
        "status": sorted({row.status for row in rows}),
    }
    chosen = [row for row in rows if meets(row, search)]
    in_order = _SORTS.get(search.sort, _SORTS["name"])
    chosen.sort(key=lambda row: (*in_order(row), row.name.casefold(), row.email, row.programme))
    pages = max(1, -(-len(chosen) // PER_PAGE))
    page = min(max(1, search.page), pages)
    return Found(
        rows=tuple(chosen[(page - 1) * PER_PAGE : page * PER_PAGE]),
        total=len(chosen),
        page=page,
        pages=pages,
        options={field: tuple(values) for field, values in options.items()},
    )


def meets(row: LeaderProgress, search: Search) -> bool:
    """Whether the search asks for this row."""
    about = f"{row.name}\n{row.email}".casefold()
    return (
        all(word in about for word in search.words.casefold().split())
        and search.role in ("", row.role)
        and search.organisation in ("", row.organisation)
        and search.cohort in ("", row.cohort)
        and search.status in ("", row.status)
    )
