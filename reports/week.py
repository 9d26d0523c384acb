"""What waits for a person this week, as far as an account sees it."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from emails.weekly import Needy, Week
from models.accounts import Account
from models.corrections import read_corrections
from models.scope import Scope, narrowed
from models.store import read_enrolments
from models.tables import MailRow, StandingRow
from models.transitions import in_state
from reports.kept import read_needy
from reports.report import ReportContext

NEED_HELP = 3


def read_week(session: Session, account: Account, context: ReportContext) -> Week:
    """The week of an account. `context.problems`: of the config, which are for who sees everybody."""
    with narrowed(session, Scope(organisations=account.organisations or None)):
        needy = read_needy(session, now=context.now, most=NEED_HELP)
        many = session.scalar(select(func.count()).where(StandingRow.problem_count > 0)) or 0
        doubts = session.scalar(select(func.count(MailRow.id)).where(in_state("in_doubt"))) or 0
        asked = read_corrections(session)
        enrolments = read_enrolments(session, tracking=context.tracking, ids=tuple(asked)) if asked else ()
    return Week(
        needy=tuple(
            Needy(name=row.name, organisation=row.organisation, problems=row.problems) for row in needy.values()
        ),
        more=many - len(needy),
        doubts=doubts,
        corrections=sum(not asked[enrolment.id].is_made(enrolment) for enrolment in enrolments),
        config_problems=0 if account.organisations else len(context.problems),
    )
