"""What the spacing takes for granted, each figure with its source. All that may be tuned stands here."""

from collections.abc import Mapping
from typing import Final

from models.domain import Answer

MODEL: Final = 2  # one more whenever anything here, or what memory, evidence or hits make of it, changes

# FSRS-6's published default weights, w0 to w20: the medians over the reviews of its benchmark's collections
# (github.com/open-spaced-repetition/fsrs4anki/wiki/The-Algorithm; `DEFAULT_PARAMETERS` of the package fsrs).
W: Final = (
    *(0.212, 1.2931, 2.3065, 8.2956, 6.4133, 0.8334, 3.0194, 0.001, 1.8722, 0.1666, 0.796),
    *(1.4835, 0.0614, 0.2629, 1.6483, 0.6014, 1.8729, 0.5425, 0.0912, 0.0658, 0.1542),
)

# P(answer | not recalled), P(answer | recalled), for a prompt that was read. Assumed: of those who read a question
# three or four in ten say nothing, whether they knew it or not; docs/spacing.md shows what follows from it.
ANSWER_LIKELIHOOD: Final[Mapping[Answer | None, tuple[float, float]]] = {
    "forgot": (0.55, 0.05),
    "nearly": (0.25, 0.15),
    "using": (0.12, 0.75),
    None: (0.40, 0.30),
}
SILENCE_AFTER_DAYS: Final = 2.0  # before that, no answer says nothing

READ_IF_OPENED: Final = 0.85  # an item of an opened mail is read
OPEN_SIGNAL: Final = (0.75, 0.20)  # P(an open is seen | opened), P(an open is seen | not opened): images off, proxies
OPEN_RATE_PRIOR: Final = (3.5, 1.5)  # Beta: seven mails in ten are opened, worth five mails of experience
READ_UNCLICKED: Final = 0.05  # a new resource whose link would have been seen, and was not followed
READ_UNSEEN: Final = 0.3  # times the open rate: a new resource where no click can be seen
IN_DOUBT_EXPOSURE: Final = 0.5  # a mail in doubt arrived or did not (contract: "its exposure halved")

HORIZON_DAY: Final = 180.0  # remembering counts up to here; a pause moves it as it moves day 100
ITEM_GAP_DAYS: Final = 5.0  # an item seen more recently is asked only where nothing else can fill the place
