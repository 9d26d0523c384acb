"""One item on its own: the mail that brings it to a role, and those that ask about it, on one page."""

from collections.abc import Sequence
from difflib import get_close_matches
from hashlib import sha256

from emails.compose import Composer
from models.domain import Programme
from rehearsal.storyboard.casting import Part, RehearsalError
from rehearsal.storyboard.layout import INDEX
from rehearsal.storyboard.mails import LINK_PAGE, StagedMail, write_mail
from rehearsal.storyboard.sheets import STYLE_SHEET, Sheets, read_script
from rehearsal.storyboard.walking import NONE, Scene, Walk, find_missing, walk


def find_part(parts: Sequence[Part], item: str) -> Part:
    """The first part to which the item comes. Raises RehearsalError where there is none, and says why."""
    known = {name for part in parts for name in part.programme.items}
    if item not in known:
        near = get_close_matches(item, sorted(known), n=1)
        hint = f"did you mean {near[0]}?" if near else f"known: {', '.join(sorted(known))}"
        raise RehearsalError(f"there is no item {item!r}; {hint}")
    found = next((part for part in parts if item in part.role.item_ids), None)
    if found is None:
        roles = ", ".join(dict.fromkeys(part.role.id for part in parts))
        has = next((part.programme for part in parts if _takers(part.programme, item)), None)
        others = f"it comes to {', '.join(_takers(has, item))}" if has else "no sequence in roles.yaml holds it"
        raise RehearsalError(f"{item} does not come to {roles}: {others}")
    return found


def find_scenes(walked: Walk, item: str) -> tuple[Scene, ...]:
    """The nudge that brings the item, then those that ask about it. Raises RehearsalError where it cannot come."""
    scenes = [scene for scene in walked.scenes if any(held.item == item for held in scene.nudge.items)]
    if not scenes:
        reasons = {missing.item: missing.why for missing in find_missing(walked.part)}
        raise RehearsalError(f"{item} does not come to {walked.part.role.id}: {reasons.get(item, 'its time is past')}")

    def only_asks(scene: Scene) -> bool:
        return all(held.placed == "prompt" for held in scene.nudge.items if held.item == item)

    return tuple(sorted(scenes, key=only_asks))


def stage_item(composer: Composer, part: Part, item: str) -> tuple[StagedMail, ...]:
    """The mails of `find_scenes`, written, when nothing is answered. Raises RehearsalError."""
    walked = walk(part, NONE)
    return tuple(write_mail(composer, walked, scene) for scene in find_scenes(walked, item))


def lay_out_item(
    sheets: Sheets, part: Part, item: str, mails: Sequence[StagedMail], *, warnings: Sequence[str], watched: bool
) -> dict[str, bytes]:
    """The files of one item's folder; with those that let its page follow what is saved where it is `watched`."""
    files = {
        INDEX: sheets.write_item(part, item, mails, warnings=warnings, watched=watched),
        STYLE_SHEET: sheets.write_style(),
        LINK_PAGE: sheets.write_link_page(),
        **sheets.write_logo(),
    }
    for mail in mails:
        files.update(mail.files)
    return _let_follow(files) if watched else files


def lay_out_problem(sheets: Sheets, lines: Sequence[str]) -> dict[str, bytes]:
    """What a watched folder holds as long as something is wrong."""
    return _let_follow({INDEX: sheets.write_problem(lines, watched=True), STYLE_SHEET: sheets.write_style()})


def _let_follow(files: dict[str, bytes]) -> dict[str, bytes]:
    """The files, with the script that watches and, last of all, the version that it asks for."""
    version = sha256(b"\0".join(files.values())).hexdigest()[:16]
    return {**files, "watch.js": read_script("watch.js"), "version.js": f'first100Version("{version}");\n'.encode()}


def _takers(programme: Programme, item: str) -> list[str]:
    return [role.id for role in programme.roles.values() if item in role.item_ids]
