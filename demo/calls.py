"""What is under way today: drafts and invitations of the people who sign in, made by the actions themselves."""

from __future__ import annotations

from collections.abc import Sequence

from accounts.models import User
from accounts.permissions import Role
from demo import course
from demo.world import Member, World
from scorecards import actions
from scorecards.models import Assessment

DRAFTS = 3


def under_way(world: World, members: Sequence[Member]) -> None:
    """Some scorecards of the demo CAM are begun, and one of the showcases is asked to score itself."""
    cam = world.staff[Role.CAM]
    version = world.versions["capability"]
    shows = list(members[: len(world.profile.showcases)])
    own = [
        m for m in members[len(shows) :]
        if m.partner.cam == cam and m.partner.stage.key in ("activate", "accelerate", "mature")
    ]  # fmt: skip
    for member in own[:DRAFTS]:
        draft = actions.start_assessment(partner=member.partner, version=version, mode=Assessment.Mode.CAM, by=cam)
        _begin(world, member, draft, cam)
    show = shows[0]
    actions.invite_partner_to_self_score(
        partner=show.partner,
        version=version,
        user=show.users[0],
        by=cam,
        message="Five minutes before our call on Thursday would help a lot.",
    )


def _begin(world: World, member: Member, draft: Assessment, by: User) -> None:
    """Answers the first few questions."""
    topics = world.topics[draft.version_id]
    questions = [q for q in draft.version.content.questions() if q.key in draft.applicable]
    for question in questions[: world.random.randint(3, 9)]:
        level = member.course.at(topics[question.key][0], len(world.quarters), world.today)
        choice = course.choose(world.random, question, level, None)
        actions.save_answer(
            assessment=draft,
            question_key=question.key,
            given=actions.Given(options=choice.options, na=choice.na),
            by=by,
        )
