"""The simulated world: every figure it takes for granted. Chosen once for being plausible; no rule was tuned to it.

The planner is told none of this. Where it has a figure of its own (scheduler/assumptions.py) the two differ, as they
will in life. All times are days since the leader's start.
"""

from typing import Final

# ---------------------------------------------------------------- mails

MAIL_WEEKDAYS: Final = (0, 2, 4)  # Monday, Wednesday, Friday of every week
LAST_MAIL_DAY: Final = 98  # so 43 mails
TIP_MAILS: Final = tuple(range(0, 30, 3))  # ten tips: every third mail, the last on day 63
RESOURCE_MAILS: Final = (*range(2, 29, 3), 31, 35, 39)  # twelve resources between them, the last on day 91
HORIZON_DAY: Final = 180

# ---------------------------------------------------------------- leaders

OPEN_RATE: Final = (2.8, 1.2)  # Beta: seven mails in ten, and leaders differ more than the planner's prior says
ABSENCES: Final = 1.28  # Poisson mean from day -28 to day 100: one in a hundred days, unannounced
LONG_ABSENCE: Final = 0.4  # this share lasts two weeks, the others one; nothing is opened then
READ_IF_OPENED: Final = 0.85  # each item of an opened mail
RESOURCE_READ_IF_OPENED: Final = 0.25  # a new resource is a link to a report: far fewer follow it
WILLINGNESS: Final = (4.8, 1.2)  # Beta: how often a leader answers a question that was read and known
WILLING_IF_FORGOTTEN: Final = 0.8  # times the above, when it was not known
# Forgot, nearly, using: what is pressed by those who answer. People overrate what they know.
ANSWERS_IF_FORGOTTEN: Final = (0.42, 0.34, 0.24)
ANSWERS_IF_RECALLED: Final = (0.06, 0.24, 0.70)
OPEN_SEEN_IF_OPENED: Final = 0.75  # the others read without images
OPEN_SEEN_IF_NOT: Final = 0.20  # machines fetch images, too
CLICK_SEEN_IF_READ: Final = 0.9  # the others find the report by another way

# ---------------------------------------------------------------- memories
# One reading of a tip is a fair encounter, not a drill. Where a model leaves it open how well one reading sticks, half
# is gone after ten days. How long that takes differs from leader to leader and from item to item, about as much in one
# model as in another: the spreads are standard deviations of its logarithm.

HALF_GONE_AFTER_DAYS: Final = 10.0
LEADER_SPREAD: Final = 0.8
ITEM_SPREAD: Final = 0.6  # of one item for one leader
FSRS_WEIGHT_SPREAD: Final = 0.2  # of each weight, by leader: makes about the leader spread above
FSRS_DIFFICULTY_SPREAD: Final = 1.5  # of the first difficulty itself, on its scale of 1 to 10
EXPONENTIAL_GROWTH: Final = 2.0  # the time constant doubles with each recall, whatever the gap
