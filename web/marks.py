"""What a leader can press on "my 100 days": habits, notes, a fresh link to the notes."""

from pydantic import BaseModel, ConfigDict
from sqlalchemy.orm import Session

from models.choices import ChoiceError
from models.linked import LinkedMail
from models.own import add_note, drop_habit, keep_habit, remove_note
from web.fields import read_note
from web.fresh_links import FreshPage, is_fresh, send_fresh_link
from web.nonces import Subject
from web.site import Site
from web.timeline import Past

NOTES = FreshPage(purpose="m", to="read and write your notes", button="Open my 100 days with my notes")
NO_SUCH_TIP = "nothing was kept: that is no tip that came to you; please use one of the buttons"
NOT_FRESH = "nothing was kept: notes need a fresh link, and this one's time is over; ask for another below"


class Mark(BaseModel):
    """The fields of the page's forms as they came; one of the first five is what was pressed."""

    model_config = ConfigDict(frozen=True)

    keep: str = ""
    drop: str = ""
    write: str = ""
    remove: str = ""
    send: str = ""
    text: str = ""
    about: str = ""
    nonce: str = ""

    def fields(self) -> dict[str, str]:
        """What was pressed, for the log; what was written is not for it."""
        pressed = {"keep": self.keep, "drop": self.drop, "write": self.write, "remove": self.remove, "send": self.send}
        return {name: value[:80] for name, value in pressed.items() if value}


def check_mark(site: Site, subject: Subject, past: Past, mark: Mark) -> str:
    """The text of a note that is to be kept, "" for any other mark. Raises ChoiceError where it makes no sense."""
    if mark.write or mark.remove:
        if not is_fresh(site, subject):
            raise ChoiceError(NOT_FRESH)
        if mark.remove:
            return ""
        text = read_note(mark.text)
        if not text:
            raise ChoiceError("nothing was kept, for nothing was written")
        if mark.about and mark.about not in {item.item for item in past.items}:
            raise ChoiceError("nothing was kept: choose from the list what it is about")
        return text
    if not mark.send and (mark.keep or mark.drop) not in {item.item for item in past.items if item.kind == "tip"}:
        raise ChoiceError(NO_SUCH_TIP)
    return ""


def fulfil_mark(session: Session, site: Site, mail: LinkedMail, mark: Mark, *, text: str) -> str:
    """Do what was pressed, and say what was done. Raises ChoiceError."""
    own = mail.enrolment.id
    if mark.send:
        return send_fresh_link(session, site, mail, NOTES)
    if mark.remove:
        note_id = int(mark.remove) if mark.remove.isdecimal() and len(mark.remove) < 19 else 0
        return "The note is gone." if remove_note(session, own, note_id) else "That note was gone already."
    if mark.write:
        if not add_note(session, own, text, about=mark.about, now=site.now()):
            raise ChoiceError("nothing was kept: there are more notes than there is room for; remove some first")
        return "Your note is kept."
    if mark.keep:
        keep_habit(session, own, mark.keep, now=site.now())
        return "Kept as a habit."
    drop_habit(session, own, mark.drop)
    return "No longer marked as a habit."
