"""The letter that tells HR what became of config: what was changed, what is broken, what is mended."""

from config.settings import Settings
from emails.letter import Letter, Prose
from emails.markdown import to_html, to_text
from models.digests import Digest


def write_digest(digest: Digest, settings: Settings) -> Letter:
    """The letter of a digest."""
    number = len(digest.changes) + digest.more_changes
    changed = "1 change was made" if number == 1 else f"{number} changes were made"
    if digest.problems:
        subject, headline = "The leaders' file needs you", "Something in the config is wrong"
        words = (
            "A file is as somebody saved it, and cannot be used like that: each line below says where, what is wrong, "
        )
        words += "and what to do. Until it is put right, the service goes on with the last good state of that file."
        words += f" Beside that, {changed}." if number else ""
    elif number:
        subject, headline = f"{changed[0].upper()}{changed[1:]}", "Your changes are in force"
        words = "These changes of the leaders' files are in force. To take one back, change the file again."
        words += " What was wrong before is put right." if digest.mended else ""
    else:
        subject = headline = "All files are right again"
        words = "What was wrong in the config has been put right, and is in force."
    more = (f"and {digest.more_changes} more",) if digest.more_changes else ()
    return Letter(
        kind="notice",
        subject=subject,
        preheader="What became of the leaders' files.",
        kicker="",
        headline=headline,
        body=Prose(html=to_html(words, {}, styles={}), text=to_text(words, {})),
        points=(*digest.problems, *digest.changes, *more),
        numbered=False,
        why_you=f"{settings.brand_name} writes to you because its settings name this address for HR.",
        choices=None,
    )
