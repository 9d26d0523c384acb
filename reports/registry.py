"""Every report by its name, and what is kept of each week. A new one is a file of its own and a line here."""

from collections.abc import Mapping
from typing import Any

from reports.answering import ANSWERS
from reports.board import BOARD
from reports.cohorts import COHORTS, RESPONSES
from reports.delivery import DELIVERY
from reports.items import ITEMS, SENT
from reports.leader import LEADER
from reports.leaders import LEADERS
from reports.learning import LEARNING
from reports.months import MONTHS
from reports.opening import OPENS
from reports.remembered import RECALL
from reports.report import Report

REPORTS: Mapping[str, Report[Any]] = {
    report.name: report for report in (LEADERS, LEADER, COHORTS, ITEMS, DELIVERY, LEARNING, BOARD)
}
PARTS = (RECALL, ANSWERS, SENT, RESPONSES, MONTHS, OPENS)  # of each week's edition
