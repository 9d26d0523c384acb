"""The programme that ships: what it holds, that its texts keep their budgets, and that its sequences can be kept."""

import re
from datetime import date
from itertools import pairwise
from pathlib import Path

import pytest

from config.load import load_config, load_programme
from emails.listing import write_source
from emails.words import first_sentence, shorten
from models.domain import CheckIn, Item, Message, Programme, Resource, Role, RosterEntry, Step, Tip

FOLDER = Path(__file__).parents[2] / "config" / "first-100-days"

TIPS = {
    "connect-before-day-one",
    "walk-in-other-shoes",
    "start-with-shared-purpose",
    "relationships-before-plans",
    "find-peers-outside",
    "invest-in-partners",
    "expect-complexity",
    "share-risk-early",
    "join-networks",
}
ADDRESSES = {
    "staff-college-systems-research": "https://thestaffcollege.uk/publications/systems-leadership-research/",
    "art-of-change-making": "https://ejlresearch.com/emma-loftus-research-ejlresearch-the-art-of-change-making/",
    "steve-russell-first-100-days": "https://wyaat.wyhpartnership.co.uk/blogs-1/"
    "update-steve-russell-chief-executive-harrogate-and-district-nhs-foundation-trust",
    "best-job-in-the-world": "https://www.nhsconfed.org/publications/best-job-world",
    "anchor-institution-report": "https://reader.health.org.uk/building-healthier-communities/executive-summary",
    "anchor-institution-infographic": "https://www.health.org.uk/news-and-comment/charts-and-infographics/"
    "the-nhs-as-an-anchor-institution",
    "citizen-leadership-toolkit": "https://www.nwacademy.nhs.uk/discover/offers/citizen-leadership-toolkit",
    "frimley-leadership-case-study": None,
    "revolution-improvised-2": None,
    "revolution-customised": None,
    "view-from-the-bridge": None,
    "governors-and-system-working": None,
}
PACES = {
    "chief-executive": "standard",
    "chair": "light",
    "executive-director": "standard",
    "non-executive-director": "light",
    "system-leader": "standard",
    "pcn-clinical-director": "light",
}
WINDOWS = {
    "connect-before-day-one": (-28, 7),
    "walk-in-other-shoes": (0, 30),
    "start-with-shared-purpose": (1, 30),
    "relationships-before-plans": (1, 40),
    "find-peers-outside": (7, 45),
    "invest-in-partners": (14, 60),
    "expect-complexity": (14, 75),
    "share-risk-early": (30, 90),
    "join-networks": (14, 90),
}
PREREQUISITES = {
    "connect-before-day-one": (),
    "walk-in-other-shoes": (),
    "start-with-shared-purpose": ("connect-before-day-one",),
    "relationships-before-plans": ("connect-before-day-one",),
    "find-peers-outside": (),
    "invest-in-partners": ("relationships-before-plans",),
    "expect-complexity": ("start-with-shared-purpose", "relationships-before-plans"),
    "share-risk-early": ("invest-in-partners",),
    "join-networks": ("connect-before-day-one",),
}
SMALL_WORDS = re.compile(
    "and|are|but|can|did|does|for|from|had|has|have|into|its|not|one|out|over|than|that|the|their|them|then|they|this|"
    "those|was|were|what|when|where|which|who|will|with|would|you|your"
)
CHROME_WORDS = {  # at most
    "day": 4,
    "tip headings": 4,
    "minutes to read": 4,
    "check-in button": 4,
    "welcome button": 8,
    "closing": 15,
}
FILLED_IN = {
    "{{academy}}": "your regional leadership academy",
    "{{start_date}}": "11 January 2027",
}


@pytest.fixture(scope="module")
def programme() -> Programme:
    return load_programme(FOLDER)


@pytest.fixture(scope="module")
def demo_leaders() -> tuple[RosterEntry, ...]:
    config = load_config(FOLDER.parent, {}, roster_file=FOLDER.parent / "demo-leaders.yaml")
    return config.roster["demo-leaders.yaml"]


def count_words(*texts: str) -> int:
    """Words as a reader counts them, tokens filled in and Markdown's own marks left out."""
    words = " ".join(texts)
    for token, text in FILLED_IN.items():
        words = words.replace(token, text)
    return len([word for word in words.split() if re.search(r"\w", word)])


def tips_of(programme: Programme) -> tuple[Tip, ...]:
    return tuple(item for item in programme.items.values() if isinstance(item, Tip))


def resources_of(programme: Programme) -> tuple[Resource, ...]:
    return tuple(item for item in programme.items.values() if isinstance(item, Resource))


def check_ins_of(programme: Programme) -> tuple[CheckIn, ...]:
    return tuple(item for item in programme.items.values() if isinstance(item, CheckIn))


def message_of(programme: Programme, item: str) -> Message:
    message = programme.items[item]
    assert isinstance(message, Message)
    return message


def write_stems(text: str) -> set[str]:
    """The words that carry the meaning, without their endings."""
    words = re.findall(r"[a-z0-9']+", text.casefold())
    return {word[:5] for word in words if len(word) > 2 and not SMALL_WORDS.fullmatch(word)}


def find_shared_runs(one: str, other: str) -> set[tuple[str, ...]]:
    """Three words and more in a row that stand in both."""
    texts = [re.findall(r"[a-z0-9']+", text.casefold()) for text in (one, other)]
    runs = [set(zip(words, words[1:], words[2:], strict=False)) for words in texts]
    return runs[0] & runs[1]


def write_mail_opening(item: Item) -> tuple[tuple[str, str], ...]:
    """Subject and preheader of each mail that brings an item; late, the preheader is the reason's first sentence."""
    late = item.late if isinstance(item, Tip) else None
    pairs = [(item.subject, item.preheader)]
    return (*pairs, (late.subject, first_sentence(late.why))) if late else tuple(pairs)


def over(budget: int, texts: dict[str, int]) -> dict[str, int]:
    """What is longer than its budget, by name."""
    return {name: words for name, words in texts.items() if words > budget}


def steps_of(programme: Programme) -> tuple[tuple[str, Step], ...]:
    return tuple((role.id, step) for role in programme.roles.values() for step in role.steps)


def prose_of(item: Item) -> str:
    """All that a leader may read of an item, in one string."""
    own: tuple[str, ...] = ()
    if isinstance(item, Tip):
        late = item.late
        own = (item.why, item.action, *((late.headline, late.subject, late.why, late.action) if late else ()))
    elif isinstance(item, Resource):
        own = (item.covers, item.read)
    elif isinstance(item, CheckIn):
        own = (item.body, *item.asks)
    elif isinstance(item, Message):
        own = (item.body,)
    questions = (text for question in item.questions for text in (question.ask, question.answer))
    return "\n".join((item.subject, item.preheader, *own, *questions))


# ---------------------------------------------------------------- what it holds


def test_the_programme_holds_nine_tips_twelve_resources_seven_skill_sets_and_six_roles(programme: Programme) -> None:
    assert programme.id == "first-100-days"
    assert programme.name == "First 100 days"
    assert {tip.id for tip in tips_of(programme)} == TIPS
    assert {resource.id for resource in resources_of(programme)} == set(ADDRESSES)
    assert len(programme.skill_sets) == 7
    assert {role.id: role.pace for role in programme.roles.values()} == PACES
    assert [theme.id for theme in programme.themes] == ["collaborating-and-systems-leadership"]
    assert programme.open_tracking == "ask"


def test_the_check_ins_and_messages_lie_on_their_days(programme: Programme) -> None:
    assert {item.id: item.day for item in programme.items.values() if isinstance(item, CheckIn | Message)} == {
        "check-in-30": 30,
        "check-in-60": 60,
        "check-in-90": 90,
        "welcome": -21,
        "closing-summary": 100,
    }


def test_every_tip_keeps_its_window_and_prerequisites(programme: Programme) -> None:
    tips = tips_of(programme)
    assert {tip.id: (tip.earliest_day, tip.latest_day) for tip in tips} == WINDOWS
    assert {tip.id: tip.after for tip in tips} == PREREQUISITES


def test_only_the_tip_for_before_day_one_has_a_late_wording(programme: Programme) -> None:
    special = {tip.id for tip in tips_of(programme) if tip.before_start or tip.late or tip.when_late != "send"}
    assert special == {"connect-before-day-one"}
    early = programme.items["connect-before-day-one"]
    assert isinstance(early, Tip)
    assert early.before_start
    assert early.when_late == "late_wording"
    assert early.late is not None
    assert early.late.headline == "Say hello to your partners this week"


def test_every_tip_asks_three_different_questions_and_answers_each(programme: Programme) -> None:
    for tip in tips_of(programme):
        assert {question.kind for question in tip.questions} == {"recall", "application", "reflection"}, tip.id
        assert len({question.ask for question in tip.questions}) == 3, tip.id
        assert all(question.answer.strip() for question in tip.questions), tip.id


def test_no_two_questions_of_the_programme_are_the_same(programme: Programme) -> None:
    asks = [question.ask for item in programme.items.values() for question in item.questions]
    assert len(asks) == len(set(asks)) == 9 * 3 + 12


def test_every_resource_has_one_question_to_ask_after_reading(programme: Programme) -> None:
    for resource in resources_of(programme):
        assert [question.kind for question in resource.questions] == ["application"], resource.id
        assert resource.questions[0].answer, resource.id


def test_every_resource_has_the_address_that_was_found_for_it_or_none(programme: Programme) -> None:
    assert {resource.id: resource.url for resource in resources_of(programme)} == ADDRESSES
    assert all(resource.address_checked is None for resource in resources_of(programme))


def test_no_text_holds_an_address_of_its_own(programme: Programme) -> None:
    for item in programme.items.values():
        assert not re.search(r"https?:|www\.|@|\]\(", prose_of(item)), item.id


def test_every_skill_set_has_a_resource_and_all_but_honest_self_reflection_a_tip(programme: Programme) -> None:
    main_of_tips = {tip.skill_sets[0] for tip in tips_of(programme)}
    of_resources = {skill for resource in resources_of(programme) for skill in resource.skill_sets}
    assert set(programme.skill_sets) - main_of_tips == {"honest-self-reflection"}
    assert of_resources == set(programme.skill_sets)


# ---------------------------------------------------------------- budgets


def test_a_tip_keeps_its_word_budgets(programme: Programme) -> None:
    tips = tips_of(programme)
    assert over(8, {tip.id: count_words(tip.title) for tip in tips}) == {}
    assert over(40, {tip.id: count_words(tip.why) for tip in tips}) == {}
    assert over(35, {tip.id: count_words(tip.action) for tip in tips}) == {}
    late = {tip.id: tip.late for tip in tips if tip.late}
    assert over(8, {tip: count_words(wording.headline) for tip, wording in late.items()}) == {}
    assert over(40, {tip: count_words(wording.why) for tip, wording in late.items()}) == {}
    assert over(35, {tip: count_words(wording.action) for tip, wording in late.items()}) == {}


def test_questions_are_so_short_that_three_fit_into_a_mail(programme: Programme) -> None:
    asks = {question.ask: count_words(question.ask) for item in programme.items.values() for question in item.questions}
    assert over(17, asks) == {}


def test_a_tip_with_its_rider_and_three_questions_has_at_most_150_words(programme: Programme) -> None:
    asks = [count_words(question.ask) for tip in tips_of(programme) for question in tip.questions]
    three_questions = round(3 * sum(asks) / len(asks)) + 3  # and a link each
    for role, step in steps_of(programme):
        tip = programme.items[step.item]
        if isinstance(tip, Tip):
            riders = [item for item in map(programme.items.get, step.riders) if isinstance(item, Resource)]
            lines = [(item.title, item.publisher or "", first_sentence(item.covers)) for item in riders]
            rider_words = sum(count_words("Also worth knowing", *line) for line in lines)
            words = count_words(tip.title, tip.why, tip.action) + rider_words + three_questions
            assert words + CHROME_WORDS["day"] + CHROME_WORDS["tip headings"] <= 150, (role, tip.id, words)


def test_an_answer_is_crisp(programme: Programme) -> None:
    questions = [question for item in programme.items.values() for question in item.questions]
    assert over(40, {question.answer: count_words(question.answer) for question in questions}) == {}


def test_the_answers_to_recall_and_application_stand_in_the_tip_and_not_in_the_question(programme: Programme) -> None:
    for tip in tips_of(programme):
        wordings = [(tip.title, tip.why, tip.action)]
        wordings += [(tip.late.headline, tip.late.why, tip.late.action)] if tip.late else []
        for question in tip.questions:
            answer, ask = write_stems(question.answer), write_stems(question.ask)
            if question.kind != "reflection":
                assert len(answer - ask) >= 5, (tip.id, question.kind)
                for wording in wordings:
                    known = answer & write_stems(" ".join(wording))
                    assert len(known) / len(answer) >= 0.65, (tip.id, question.kind, answer - known)


def test_a_resource_mail_with_one_question_has_70_to_90_words(programme: Programme) -> None:
    for resource in resources_of(programme):
        ask, button = resource.questions[0].ask, f"Open {shorten(resource.title, 40)}"
        own = (resource.title, write_source(resource), resource.covers, resource.read, button, ask)
        words = count_words(*own) + CHROME_WORDS["minutes to read"]
        assert not resource.url or 70 <= words <= 90, (resource.id, words)
        assert 28 <= count_words(resource.covers) <= 40, resource.id
        assert 1 <= resource.minutes <= 10 and resource.read, resource.id


def test_a_resource_can_ride_as_one_short_line(programme: Programme) -> None:
    """Its first sentence stands behind its title, so it is short and leans on nothing before it."""
    for resource in resources_of(programme):
        line = first_sentence(resource.covers)
        assert count_words(line) <= 12, resource.id
        assert line.split()[0] not in {"He", "She", "They", "That"}, resource.id


def test_a_check_in_mail_has_60_to_80_words(programme: Programme) -> None:
    for item in check_ins_of(programme):
        words = count_words(item.title, item.body, *item.asks) + CHROME_WORDS["day"] + CHROME_WORDS["check-in button"]
        assert 60 <= words <= 80, (item.id, words)
        assert len(item.asks) == 3, item.id


def test_the_welcome_mail_has_at_most_150_words(programme: Programme) -> None:
    welcome = message_of(programme, "welcome")
    own = count_words(welcome.title, welcome.body, welcome.choice)
    assert own + CHROME_WORDS["day"] + CHROME_WORDS["welcome button"] <= 150


def test_the_closing_mail_leaves_room_for_the_record_and_every_title(programme: Programme) -> None:
    closing = message_of(programme, "closing-summary")
    assert count_words(closing.body) <= 45
    titles = sum(count_words(resource.title) for resource in resources_of(programme))
    record = 20
    assert count_words(closing.title, closing.body) + titles + record + CHROME_WORDS["closing"] <= 200


def test_the_welcome_says_how_to_leave_and_that_nothing_is_seen_unless_chosen(programme: Programme) -> None:
    welcome = message_of(programme, "welcome")
    assert "a link to pause, change the pace or leave" in " ".join(welcome.body.split())
    assert "It stays off unless you say yes." in " ".join(welcome.choice.split())


def test_every_subject_is_short_and_unlike_every_other(programme: Programme) -> None:
    subjects = [item.subject for item in programme.items.values()]
    subjects += [tip.late.subject for tip in tips_of(programme) if tip.late]
    assert [subject for subject in subjects if len(subject) > 45] == []
    assert len(subjects) == 9 + 12 + 3 + 2 + 1
    assert len({subject.casefold() for subject in subjects}) == len(subjects)


def test_every_preheader_adds_to_its_subject(programme: Programme) -> None:
    for item in programme.items.values():
        for subject, preheader in write_mail_opening(item):
            assert 35 <= len(preheader) <= 90, item.id
            assert not find_shared_runs(subject, preheader), item.id


def test_no_text_shouts(programme: Programme) -> None:
    assert [item.id for item in programme.items.values() if "!" in prose_of(item)] == []


# ---------------------------------------------------------------- sequences


def test_every_role_meets_every_tip_by_day_70_and_its_resources_by_day_95(programme: Programme) -> None:
    for role in programme.roles.values():
        assert set(role.item_ids) >= TIPS, role.id
    for role, step in steps_of(programme):
        for item in (step.item, *step.riders):
            kind = programme.items[item].kind
            assert step.day <= {"tip": 70, "resource": 95}.get(kind, 100), (role, item)


def test_every_role_starts_with_the_welcome_and_ends_with_the_closing_summary(programme: Programme) -> None:
    for role in programme.roles.values():
        order = [step.item for step in role.steps]
        assert order[0] == "welcome", role.id
        assert order[-1] == "closing-summary", role.id
        assert [item for item in order if item.startswith("check-in")] == ["check-in-30", "check-in-60", "check-in-90"]


def test_no_item_comes_twice_and_none_is_both_sent_and_optional(programme: Programme) -> None:
    for role in programme.roles.values():
        items = (*role.item_ids, *role.optional)
        assert len(items) == len(set(items)), role.id


def test_every_target_lies_in_its_window_and_after_its_prerequisites(programme: Programme) -> None:
    for role in programme.roles.values():
        met: set[str] = set()
        for step in role.steps:
            for name in (step.item, *step.riders):
                item = programme.items[name]
                assert item.earliest_day <= step.day <= item.latest_day, (role.id, name)
                assert met >= set(item.after), (role.id, name)
                met.add(name)


def test_targets_keep_the_gap_of_the_pace_and_two_in_any_seven_days(programme: Programme) -> None:
    for role in programme.roles.values():
        days = [step.day for step in role.steps]
        gap = {"light": 3, "standard": 2}[role.pace]
        assert all(later - earlier >= gap for earlier, later in pairwise(days)), role.id
        assert all(later - earlier >= 7 for earlier, later in zip(days, days[2:], strict=False)), role.id


def test_a_resource_without_an_address_always_rides(programme: Programme) -> None:
    alone = [(role, step.item) for role, step in steps_of(programme) if ADDRESSES.get(step.item, "known") is None]
    assert alone == []


def test_a_rider_shares_a_skill_set_with_what_it_rides_on(programme: Programme) -> None:
    for role, step in steps_of(programme):
        assert len(step.riders) <= 2, (role, step.item)
        for rider in step.riders:
            shared = set(programme.items[rider].skill_sets) & set(programme.items[step.item].skill_sets)
            assert shared, (role, step.item, rider)


def test_the_infographic_rides_with_the_report_save_for_the_clinical_director(programme: Programme) -> None:
    def with_the_report(role: Role) -> bool:
        return any(
            step.item == "anchor-institution-report" and "anchor-institution-infographic" in step.riders
            for step in role.steps
        )

    apart = {role.id for role in programme.roles.values() if not with_the_report(role)}
    assert apart == {"pcn-clinical-director"}
    clinical_director = programme.roles["pcn-clinical-director"]
    assert "anchor-institution-infographic" in [step.item for step in clinical_director.steps]


def test_the_reason_of_every_step_fits_a_line(programme: Programme) -> None:
    reasons = {f"{role}: {step.why}": count_words(step.why) for role, step in steps_of(programme)}
    assert over(12, reasons) == {}
    assert all(step.why for _, step in steps_of(programme))


# ---------------------------------------------------------------- the sample people


def test_the_ten_sample_people_stand_for_every_role_and_write_from_nowhere(
    demo_leaders: tuple[RosterEntry, ...],
) -> None:
    assert len({entry.leader.key for entry in demo_leaders}) == 10
    assert {entry.role for entry in demo_leaders} == set(PACES)
    assert {entry.leader.email.rpartition("@")[2] for entry in demo_leaders} == {"example.org"}


def test_the_sample_people_include_the_awkward_ones(demo_leaders: tuple[RosterEntry, ...]) -> None:
    by_address = {entry.leader.email.partition("@")[0]: entry for entry in demo_leaders}
    assert "never.opens" in by_address
    late = by_address["tom.specimen"]
    assert (date(2026, 12, 7) - late.start_date).days == 42
    assert by_address["margaret.sample"].leader.working_days == (1, 2)
    far = by_address["callum.example"].leader
    assert (far.time_zone, far.holidays) == ("Australia/Lord_Howe", "AU-NSW")
    first_starts = [entry.start_date for entry in demo_leaders if entry is not late]
    assert all(28 <= (start - date(2026, 12, 7)).days <= 42 for start in first_starts)
