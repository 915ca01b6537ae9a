"""What is asked for: pages by 50 partners and five users, the vendor's and the partners'."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import cycle, islice
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.db import transaction
from django.urls import reverse

from accounts import tokens
from accounts.models import ApiToken, User
from accounts.permissions import Role
from demo.profiles import Profile
from partners.models import Partner
from planning.models import BusinessPlan
from prm.common.fiscal import FiscalQuarter
from prm.common.jobs import JobContext
from prm.common.models import Job
from prm.common.vendor import fiscal_calendar, today
from qbr import actions as review
from qbr.models import Qbr, Version
from qbr.tasks import build_version
from scorecards import actions, queries
from scorecards.models import Assessment

PARTNERS = 50
SHARED = 5  # of their reviews
CSRF = "b" * 32


@dataclass(frozen=True)
class Target:
    """One request: address, headers of who asks, and the form posted, if any."""

    path: str
    headers: dict[str, str]
    form: str = ""


@dataclass(frozen=True)
class Page:
    name: str
    targets: list[Target]


@dataclass
class Cast:
    """Who asks: two CAMs, the chief and operations; a partner's user for each page of the portal."""

    cams: list[User]
    chief: User
    operations: User
    partners: list[Partner]
    headers: dict[int, dict[str, str]]

    def over(
        self, users: Sequence[User], paths: Sequence[str], form: Callable[[int], str] = lambda number: ""
    ) -> list[Target]:
        """Each path once or more, the users taking turns."""
        count = max(len(users), len(paths))
        pairs = zip(islice(cycle(users), count), islice(cycle(paths), count), strict=True)
        return [Target(path, self.headers[user.pk], form(number)) for number, (user, path) in enumerate(pairs)]

    def by_partner(self, path: Callable[[Partner], str], others: Sequence[User]) -> list[Target]:
        """The path of each partner, asked for by its CAM and these others in turn."""
        found = []
        for number, partner in enumerate(self.partners):
            users = [partner.cam, *others]
            found.append(Target(path(partner), self.headers[users[number % len(users)].pk]))
        return found


def pages(profile: Profile) -> list[Page]:
    cast = _cast(profile)
    everybody = [*cast.cams, cast.chief, cast.operations]
    listing = reverse("partners:list")
    rollup = reverse("scorecards:rollup")
    drafts = [_draft(partner) for partner in cast.partners]
    found = [
        Page("home", cast.over(everybody, [reverse("cadence:home")])),
        Page("partners", cast.over(everybody, [listing])),
        Page("partners, filtered", cast.over(everybody, [f"{listing}?{urlencode(each)}" for each in (
            {"tier": "gold"}, {"stage": "mature", "region": "nordics"}, {"type": "msp", "tier": "silver"})])),
        Page("partners, searched", cast.over(everybody, [f"{listing}?q={word}" for word in (
            "nord", "systems", "halden", "soren", "kovacevic")])),
        Page("partners, sorted", cast.over(everybody, [f"{listing}?sort={key}" for key in (
            "-last_touch", "-open_actions", "cam", "-tier", "region")])),
        Page("partners, page 150", cast.over([cast.chief, cast.operations], [f"{listing}?page={n}" for n in (150, 151, 188)])),
        Page("partner hub", cast.by_partner(lambda p: reverse("partners:hub", args=[p.pk]), [cast.chief, cast.operations])),
        Page("actions", cast.over(everybody, [reverse("partners:action_list")])),
        Page("scorecards", cast.over(everybody, [reverse("scorecards:list")])),
        Page("answering", [_as_cam(cast, draft, reverse("scorecards:answer", args=[draft.pk])) for draft in drafts]),
        Page("save an answer", [_answer(cast, draft, turn) for turn in range(4) for draft in drafts]),
        Page("summary", cast.by_partner(_summary, [cast.chief, cast.operations])),
    ]  # fmt: skip
    found += [
        Page(f"roll-up by {by}", cast.over([*cast.cams, cast.chief, cast.operations], [f"{rollup}?by={by}"]))
        for by in ("region", "cam", "tier", "type", "stage")
    ]
    category = next(iter(queries.published()[0].content.categories)).key
    found.append(Page("roll-up, topics", cast.over(everybody, [f"{rollup}?by=region&category={category}"])))
    before = today_quarter().previous.key
    found += [
        Page(f"roll-up, {name}", cast.over(everybody, [reverse(f"scorecards:{address}") + query]))
        for name, address, query in (
            ("two ways", "rollup", "?by=region&across=tier"),
            ("CAM by stage", "rollup", "?by=cam&across=stage"),
            ("distribution", "rollup_distribution", ""),
            ("movers", "rollup_movers", ""),
            ("movers, year", "rollup_movers", "?since=year"),
            ("investment", "rollup_investment", ""),
            ("invest., before", "rollup_investment", f"?period={before}"),
            ("completion", "rollup_completion", "?by=cam"),
            ("time", "rollup_time", "?by=turn"),
        )
    ]
    reviews = _reviews(cast)
    rest = (_performance(cast, everybody), _plans(cast, everybody), _qbrs(cast, everybody, reviews), _portal(cast))
    return [*found, *(page for pages in rest for page in pages), *_portal_qbrs(cast, reviews), *_api(cast)]


def _performance(cast: Cast, everybody: Sequence[User]) -> list[Page]:
    """The performance scorecard, and the roll-ups of performance."""
    found = [
        Page(
            "performance",
            cast.by_partner(lambda p: reverse("scorecards:performance", args=[p.pk]), [cast.chief, cast.operations]),
        )
    ]
    before, year = today_quarter().previous.key, today_quarter().fiscal_year.previous.key
    for name, address, query in (
        ("perf. roll-up", "rollup", ""),
        ("perf. by CAM", "rollup", "?by=cam"),
        ("perf. by CAM, today", "rollup", "?by=cam&groups=today"),
        ("perf., quarter", "rollup", f"?by=tier&period={before}"),
        ("perf., last year", "rollup", f"?by=stage&period={year}"),
        ("perf. trend", "trend", ""),
        ("perf. trend, tier", "trend", "?tier=gold"),
        ("perf. concentration", "concentration", ""),
        ("perf. movers", "movers", ""),
        ("perf. movers, att.", "movers", "?of=attainment"),
        ("perf. ranking", "ranking", ""),
        ("perf. ranking, sorted", "ranking", "?sort=-coverage&page=20"),
    ):
        path = reverse(f"scorecards:performance_{address}") + query
        found.append(Page(name, cast.over(everybody, [path])))
    return found


def _plans(cast: Cast, everybody: Sequence[User]) -> list[Page]:
    """Business plans, what came of them, and the lists of what is due and sold."""
    found = [
        Page(name, cast.over(everybody, [reverse(address) + query]))
        for name, address, query in (
            ("plans", "planning:list", ""),
            ("plans, by revenue", "planning:list", "?sort=-revenue"),
            ("plans by CAM", "tracking:commitment", "?by=cam"),
            ("plans by region", "tracking:commitment", "?by=region"),
            ("due", "cadence:due", ""),
            ("deals", "pipeline:deals", ""),
            ("deals, searched", "pipeline:deals", "?q=nord"),
            ("deals, board", "pipeline:deals_board", ""),
            ("leads", "leads:list", ""),
            ("leads, searched", "leads:list", "?q=nord"),
            ("leads, fairness", "leads:report", ""),
            ("registrations", "dealdesk:registrations", ""),
        )
    ]
    signed = BusinessPlan.objects.unscoped("to read those in force").filter(
        partner__in=cast.partners, status=BusinessPlan.Status.COMMITTED
    )
    plans = {plan.partner_id: plan for plan in signed}
    found.append(
        Page(
            "whitespace",
            cast.by_partner(lambda p: reverse("accountplans:partner", args=[p.pk]), [cast.operations]),
        )
    )
    readers = [cast.chief, cast.operations]
    for name, address in (("plan", "planning:plan"), ("plan and actual", "tracking:actuals")):
        targets = [
            Target(reverse(address, args=[plans[p.pk].pk]), cast.headers[[p.cam, *readers][number % 3].pk])
            for number, p in enumerate(cast.partners)
            if p.pk in plans
        ]
        found.append(Page(name, targets))
    return found


def _reviews(cast: Cast) -> dict[int, Qbr]:
    """By partner: the usual quarter's review; of the first five partners built, held and shared."""
    found = {}
    for number, partner in enumerate(cast.partners):
        qbr = review.start(partner=partner, by=partner.cam)
        if number < SHARED and qbr.state == Qbr.State.DRAFT:
            job = review.build(qbr=qbr, by=partner.cam)
            with transaction.atomic():
                qbr = build_version(JobContext(job, side_connection=False)).qbr
            people = [review.Person("vendor", user=partner.cam), review.Person("partner", user=_member(partner))]
            review.commit(qbr=qbr, by=partner.cam, side="vendor", owner=partner.cam, text="Bench", due_on=today())
            review.hold(qbr=qbr, by=partner.cam, held_on=today(), people=people)
            review.share(qbr=qbr, by=partner.cam)
            Job.objects.filter(pk=job.pk).update(state=Job.State.DONE)
        found[partner.pk] = qbr
    return found


def _qbrs(cast: Cast, everybody: Sequence[User], reviews: dict[int, Qbr]) -> list[Page]:
    others = [cast.chief, cast.operations]
    shared = [cast.partners[number] for number in range(SHARED)]
    slides = cycle(("summary", "performance", "deals", "leads", "next"))

    def draft(partner: Partner) -> str:
        return reverse("qbr:qbr", args=[reviews[partner.pk].pk])

    versions = {row.qbr_id: row for row in Version.everything.filter(qbr__in=reviews.values()).order_by("number")}
    return [
        Page("QBRs", cast.over(everybody, [reverse("qbr:list")])),
        Page("QBRs of a partner", cast.by_partner(lambda p: reverse("qbr:partner", args=[p.pk]), others)),
        Page("QBR draft", cast.by_partner(draft, others)),
        # What that page asks for by itself, from all tools; from then on the slides are known.
        Page("QBR draft, read", cast.by_partner(lambda p: f"{draft(p)}?slide=title&anew=1", others)),
        Page("QBR slide", cast.by_partner(lambda p: f"{draft(p)}?slide={next(slides)}", others)),
        Page("QBR deck", cast.by_partner(lambda p: reverse("qbr:deck", args=[reviews[p.pk].pk]), others)),
        Page(
            "QBR version",
            [
                Target(reverse("qbr:version", args=[versions[reviews[p.pk].pk].pk]), cast.headers[p.cam.pk])
                for p in shared
            ],
        ),
    ]


def _portal_qbrs(cast: Cast, reviews: dict[int, Qbr]) -> list[Page]:
    pairs = [(partner, _member(partner)) for partner in cast.partners[:SHARED]]
    return [
        Page("portal QBRs", cast.over([user for _partner, user in pairs], [reverse("qbr:portal_list")])),
        Page(
            "portal QBR",
            [
                Target(reverse("qbr:portal_qbr", args=[reviews[partner.pk].pk]), cast.headers[user.pk])
                for partner, user in pairs
            ],
        ),
    ]


def today_quarter() -> FiscalQuarter:
    return fiscal_calendar().quarter_of(today())


def _cast(profile: Profile) -> Cast:
    """The two CAMs with the most partners, and 50 of theirs that people have worked with."""
    chief, operations = (User.objects.get(email=f"{role}@{profile.domain}") for role in (Role.CHIEF, Role.OPERATIONS))
    owned = Partner.objects.unscoped("bench").filter(
        stage__key__in=["activate", "accelerate", "mature"], members__isnull=False
    )
    worked = owned.filter(assessments__mode="cam", assessments__status="submitted").distinct()
    rows = list(worked.exclude(cam=None).select_related("cam").order_by("cam_id", "id"))
    by_cam: dict[User, list[Partner]] = {}
    for row in rows:
        by_cam.setdefault(row.cam, []).append(row)
    cams = sorted(by_cam, key=lambda user: (-len(by_cam[user]), user.pk))[:2]
    partners = [partner for cam in cams for partner in by_cam[cam][: PARTNERS // 2]]
    cast = Cast(cams, chief, operations, partners, {})
    for user in (*cams, chief, operations, *(_member(partner) for partner in partners[:5])):
        cast.headers[user.pk] = _session(user)
    return cast


def _member(partner: Partner) -> User:
    return partner.members.select_related("user").order_by("id")[0].user


def _session(user: User) -> dict[str, str]:
    """The headers of a browser in which the user is signed in."""
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.save()
    cookies = f"{settings.SESSION_COOKIE_NAME}={session.session_key}; {settings.CSRF_COOKIE_NAME}={CSRF}"
    return {"Cookie": cookies, "X-CSRFToken": CSRF}


def _draft(partner: Partner) -> Assessment:
    return actions.start_assessment(partner=partner, version=queries.published()[0], mode="cam", by=partner.cam)


def _as_cam(cast: Cast, draft: Assessment, path: str, form: str = "") -> Target:
    headers = cast.headers[draft.partner.cam_id]
    return Target(path, {**headers, "HX-Request": "true"} if form else headers, form)


def _answer(cast: Cast, draft: Assessment, turn: int) -> Target:
    """Another option of another question each turn."""
    questions = [question for question in draft.version.content.questions() if question.key in draft.applicable]
    question = questions[turn * 3 % len(questions)]
    option = question.options[(draft.pk + turn) % len(question.options)]
    form = urlencode({f"a-{question.key}": f"o:{option.key}"})
    return _as_cam(cast, draft, reverse("scorecards:save", args=[draft.pk, question.key]), form)


def _summary(partner: Partner) -> str:
    submitted = partner.assessments.filter(mode="cam", status="submitted").order_by("-finished_at")
    return reverse("scorecards:summary", args=[submitted[0].pk])


def _portal(cast: Cast) -> list[Page]:
    users = [_member(partner) for partner in cast.partners[:5]]
    own = [
        Target(_portal_draft(partner, user), cast.headers[user.pk])
        for partner, user in zip(cast.partners[:5], users, strict=True)
    ]
    return [
        Page("portal home", cast.over(users, [reverse("cadence:portal_home")])),
        Page("portal scorecards", cast.over(users, [reverse("scorecards:portal_list")])),
        Page("portal answering", own),
    ]


def _portal_draft(partner: Partner, user: User) -> str:
    draft = actions.start_assessment(partner=partner, version=queries.published()[0], mode="self", by=user)
    return reverse("scorecards:portal_answer", args=[draft.pk])


def _api(cast: Cast) -> list[Page]:
    ApiToken.objects.filter(name="bench").delete()
    scopes = [tokens.Scope.PARTNERS_READ, tokens.Scope.SCORECARDS_READ]
    headers = []
    for user in (*cast.cams, cast.chief, cast.operations):
        _token, plain = tokens.create(user, "bench", list(scopes), 1)
        headers.append({"Authorization": f"Bearer {plain}"})
    paths = {"API partners": "/api/v1/partners", "API assessments": "/api/v1/assessments"}
    return [Page(name, [Target(path, each) for each in headers]) for name, path in paths.items()]
