"""What letters to a leader that are no nudges have in common."""

from emails.letter import Button, Letter
from emails.occasion import Occasion

_FOOTER_LINK = "Pause, change, leave, or see how your data is kept"


def tell_leader(
    occasion: Occasion,
    *,
    subject: str,
    preheader: str,
    headline: str,
    body: str,
    button: str,
    url: str | None = None,
    points: tuple[str, ...] = (),
    by_hr: bool = False,
) -> Letter:
    """A letter with one button, to the leader's choices where `url` does not say otherwise. `by_hr`: of HR's doing."""
    name = occasion.programme.name
    because = (
        f"HR changed something about your {name}"
        if by_hr
        else f"of what was pressed on your page of {name}, or written in your name"
    )
    return Letter(
        kind="notice",
        subject=subject,
        preheader=preheader,
        kicker="",
        headline=occasion.fill(headline),
        body=occasion.prose(body),
        points=points,
        numbered=False,
        button=Button(button, url or occasion.choices_url),
        why_you=f"{occasion.settings.brand_name} writes to you because {because}.",
        choices=Button(_FOOTER_LINK, occasion.choices_url),
    )
