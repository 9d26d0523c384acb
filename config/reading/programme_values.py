"""The shapes of a programme's files as values of the domain."""

from collections.abc import Collection, Mapping, Sequence

from config.reading.drafts import drop_draft_steps, drop_drafts
from config.reading.items import FoundItem
from config.reading.programme_shapes import ProgrammeShape, RolesShape
from models.domain import Item, Pace, Programme, Role, SkillSet, Step, Theme

PACES: Mapping[str, Pace] = {
    "light": Pace(name="light", week_cap=2, gap_days=3, prompts=3, ask_below=None),
    "standard": Pace(name="standard", week_cap=2, gap_days=2, prompts=3, ask_below=0.85),
    "full": Pace(name="full", week_cap=3, gap_days=1, prompts=3, ask_below=0.85),
}
_CLOSING_GRACE_DAYS = 3


def build_paces(about: ProgrammeShape) -> dict[str, Pace]:
    """The programme's paces by name: the usual three, unless it says otherwise, and its own."""
    own = {
        name: Pace(
            name=name,
            week_cap=pace.in_any_seven_days,
            gap_days=pace.gap_days,
            prompts=pace.prompts,
            ask_below=pace.ask_below,
        )
        for name, pace in about.paces.items()
    }
    return {**PACES, **own}


def build_programme(
    folder: str, about: ProgrammeShape, roles: RolesShape, found: Sequence[FoundItem], paces: Mapping[str, Pace]
) -> Programme:
    """The programme from shapes that were found sound together."""
    closing = about.closing_last_day
    items = {one.id: one.item for one in found if one.item is not None}
    drafts = frozenset(one.id for one in found if one.draft)
    return Programme(
        id=folder,
        name=about.name,
        themes=tuple(Theme(id=one.id, name=one.name, purpose=one.purpose) for one in about.themes),
        skill_sets={
            one.id: SkillSet(id=one.id, name=one.name, description=one.description) for one in about.skill_sets
        },
        items=drop_drafts(items, drafts),
        roles=_build_roles(roles, items, drafts),
        paces=paces,
        first_day=about.first_day,
        last_day=about.last_day,
        closing_last_day=about.last_day + _CLOSING_GRACE_DAYS if closing is None else closing,
        tips_by_day=about.tips_by_day,
        resources_by_day=about.resources_by_day,
        late_grace_days=about.late_grace_days,
        open_tracking=about.open_tracking,
    )


def _build_roles(roles: RolesShape, items: Mapping[str, Item], drafts: Collection[str]) -> dict[str, Role]:
    built: dict[str, Role] = {}
    for role in roles.roles:
        sequence = roles.sequences[role.sequence]
        steps = tuple(Step(item=step.item, day=step.day, why=step.why, riders=step.riders) for step in sequence.items)
        built[role.id] = Role(
            id=role.id,
            name=role.name,
            pace=role.pace,
            steps=drop_draft_steps(steps, items, drafts),
            optional=tuple(item for item in sequence.optional if item not in drafts),
        )
    return built
