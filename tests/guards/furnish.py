"""Data of every kind for a partner, made by the tools' own actions, so that each page has something to show and to leak."""

import datetime as dt
from dataclasses import replace
from decimal import Decimal
from functools import cache

from django.apps import apps
from django.core.files.base import ContentFile
from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts import links, tokens
from accounts.models import User
from accounts.permissions import Role
from cadence.policies import DEFAULT
from partners import actions as partners
from partners import facts, users
from partners.models import LifeStage, Partner
from prm.common.models import CurrencyRate, Holiday, Job, Policy, SavedView
from prm.common.notify import notify
from prm.common.scoping import PartnerOwned
from prm.common.vendor import today
from prm.imports import engine
from scorecards import actions as scorecards
from scorecards import comparison, drafts, goal_forms, peer_snapshot
from scorecards.definition import Category, Question, QuestionType
from scorecards.definition import Questionnaire as Content
from scorecards.models import Assessment, Goal, PeerStanding, Questionnaire, QuestionnaireVersion
from scorecards.peer_field import Field
from scorecards.peers import Candidate
from tests.guards.furnish_accounts import plan_accounts
from tests.guards.furnish_approval import furnish_approval
from tests.guards.furnish_funds import fund_marketing, open_the_ledger
from tests.guards.furnish_leads import give_leads, lead_the_way
from tests.guards.furnish_marketing import market
from tests.guards.furnish_objectives import aim_high
from tests.guards.furnish_plans import plan_ahead
from tests.guards.furnish_qbr import furnish_decks, review
from tests.guards.furnish_registrations import furnish_policy, register_deals
from tests.guards.furnish_requests import ask_for_funds
from tests.guards.furnish_results import keep_worksheet, source
from tests.guards.furnish_sales import furnish_lists, sell
from tests.guards.furnish_webhooks import furnish_webhooks, hear_of
from tests.imports.support import checked, csv, imported
from tests.world import World

THRESHOLDS = {
    "capability": {"green": 80, "amber": 50},
    "attainment": {"green": 100, "amber": 90},
    "recruit": {"green": 70, "amber": 50},
}
# What nobody of the partner's side may ever read, whoever's it is; and what the vendor's side may not (yet).
INTERNAL = "INTERNAL"
BLIND = "BLIND"
CONFIDENTIAL = "CONFIDENTIAL"  # for channel management: not for a CAM


def furnish_vendor(world: World) -> None:
    """What belongs to no partner: settings of all kinds, and a questionnaire with an internal category."""
    open_the_ledger()
    Holiday.objects.create(on=today(), name="Today")
    Holiday.objects.create(on=today() + dt.timedelta(days=30), name="Later")
    CurrencyRate.objects.create(on="2026-01-01", currency="EUR", rate="1.08")
    Policy.objects.create(kind="thresholds", starts_on="2020-01-01", data=THRESHOLDS)
    to_come = today() + dt.timedelta(days=60)
    Policy.objects.create(kind="cadence", starts_on=to_come, data=DEFAULT, created_by=world.users[Role.ADMIN])
    furnish_lists()
    furnish_policy(world)
    furnish_approval(world)
    admin = world.users[Role.ADMIN]
    scorecards.publish(by=admin, key="capability", content=_questionnaire())
    drafts.open_draft(by=admin, questionnaire=Questionnaire.objects.get(key="recruit"))
    for page, query in (("partners:list", "tier=gold"), ("scorecards:rollup", "by=cam")):
        SavedView.objects.create(owner=admin, page=page, name="For everybody", query=query, shared=True)
    program = QuestionnaireVersion.objects.get(status="published", questionnaire__key="program")
    _submitted(scorecards.start_program(version=program, by=admin), admin)
    standing = {"partner_type": "reseller", "stage": "recruit"}
    engine.create(file=csv("name,type", "One,Depot"), kind="partner", by=admin)
    lines = ("Northwind Traders,1", f"Northwind {world.mark}-A,2", "Good,3", "Bad,many")
    checked(csv("name,employees", *lines), admin, defaults=standing)
    imported(csv("name,id,city", "Imported,I-1,Ulm"), admin, defaults=standing)
    furnish_webhooks(world)
    lead_the_way(world)
    keep_worksheet(world)
    furnish_decks(world)


@cache
def _questionnaire() -> Content:
    """The default one, shortened: the first questions of each type in each category, and an internal category after them."""
    content = QuestionnaireVersion.objects.get(status="published", questionnaire__key="capability").content
    kept: list[Category] = []
    for category in content.categories:
        topics = tuple(replace(topic, questions=topic.questions[:2]) for topic in category.topics[:2])
        kept.append(replace(category, topics=topics))
    first = kept[0].topics[0]
    secret = replace(
        first,
        key="secret",
        name=f"{INTERNAL} topic",
        questions=tuple(
            replace(question, key=f"secret{n}", text=f"{INTERNAL} question {n}", best_practice=f"{INTERNAL} best",
                    action=f"{INTERNAL} action {n}", life_stages=frozenset(), partner_types=frozenset())
            for n, question in enumerate(first.questions)
        ),
    )  # fmt: skip
    kept.append(Category("trust", f"{INTERNAL} category", (secret,), kept[0].weight, internal=True))
    return replace(content, categories=tuple(kept))


def furnish(world: World, partner: Partner, team: dict[Role, User]) -> None:
    """One row at least of everything that belongs to a partner. May be called again: it adds another of each."""
    n = partner.actions.count()
    cam = partner.cam or world.users[Role.CAM]
    seller, champion = team[Role.PARTNER_SELLER], team[Role.PARTNER_CHAMPION]
    partners.add_contact(
        by=cam, partner=partner, name=f"Contact {n}", email=f"contact{n}.{partner.pk}@{world.vendor.schema_name}.example",
        phone="+1 555 01", title="Head of sales", is_primary=not n, external_id=f"C{partner.pk}-{n}",
    )  # fmt: skip
    for shared in (True, False):
        partners.add_touch(
            by=cam, partner=partner, on=today(), note=f"Touch {n}", people="Ann, Bob", minutes=30, shared=shared
        )
        for owner, due in ((cam, today() - dt.timedelta(days=3)), (seller if shared else None, None)):
            partners.add_action(
                by=cam, partner=partner, title=f"Action {n}", detail="What to do", shared=shared, owner=owner, due_on=due,
                resource="https://example.com/resource",
            )  # fmt: skip
    closed = partner.actions.filter(shared=True).latest("pk")
    partners.set_action_status(by=cam, action=closed, status="done")
    partners.move_partners(
        by=cam,
        partners=Partner.objects.visible_to(cam).filter(pk=partner.pk),
        what="stage",
        value=LifeStage.objects.exclude(pk=partner.stage_id).order_by("order").first(),
        reason="They grew",
    )
    partner.refresh_from_db()
    _score(partner, cam, seller)
    _other_kinds(world, partner, cam, champion)
    sell(partner, cam, champion)
    aim_high(partner, cam, champion)
    plan_ahead(partner, cam, team[Role.PARTNER_EXECUTIVE])
    plan_accounts(partner, seller)
    register_deals(world, partner, cam, seller)
    give_leads(world, partner, seller)
    market(world, partner, cam, team[Role.PARTNER_MARKETER])
    source(partner)
    for person in (seller, champion, cam):
        _of_person(person, partner)
    users.invite_to_partner(
        by=champion, email=f"new{n}.{partner.pk}@{world.vendor.schema_name}.example", name=f"New {n}",
        roles=[Role.PARTNER_SELLER], partner=partner,
    )  # fmt: skip
    fund_marketing(world, partner, cam)
    ask_for_funds(world, partner, cam, team[Role.PARTNER_MARKETER])
    review(partner, cam, champion)
    facts.refresh(partner_ids=[partner.pk])
    hear_of(partner)


def _score(partner: Partner, cam: User, seller: User) -> None:
    """Both sides' assessments, once agreed and once submitted, an action plan and a goal from them, each side's open draft
    and the one of both."""
    version = QuestionnaireVersion.objects.get(status="published", questionnaire__key="capability")
    # A second time begins as the first: what was a draft doesn't become something else, which would cost other queries.
    Assessment.everything.filter(partner=partner, status="draft").delete()
    agreed = _agreed(cam, _both(partner, version, cam, seller))
    submitted = _both(partner, version, cam, seller)
    _aim(agreed, cam, seller)
    plan = [action for topic in scorecards.proposed_plan(submitted, shared=False) for action in topic.actions]
    items = [scorecards.PlanItem(action.question, action.text[:250]) for action in plan]
    scorecards.accept_action_plan(assessment=submitted, items=items, by=cam)
    _place_among_peers(partner)
    scorecards.invite_partner_to_self_score(partner=partner, version=version, user=seller, by=cam, message="Please")
    for mode, by in (("self", seller), ("cam", cam)):
        _answered(partner, version, mode, by, place=0)
    for by, place in ((cam, 0), (seller, 1)):  # together: each changes what the other answered
        _answered(partner, version, "joint", by, place=place)


def _both(partner: Partner, version: QuestionnaireVersion, cam: User, seller: User) -> Assessment:
    """The vendor's submitted assessment beside the partner's own, both open to both."""
    for mode, by, place in (("self", seller, -1), ("cam", cam, 1)):
        submitted = _answered(partner, version, mode, by, place=place)
        scorecards.confirm(assessment=submitted, by=by, questions=submitted.applicable)
        scorecards.submit(assessment=submitted, by=by)
    submitted.refresh_from_db()
    return submitted


def _agreed(cam: User, submitted: Assessment) -> Assessment:
    """What the two become when the lowest answer stands wherever they differ."""
    both = comparison.pair(cam, submitted)
    assert both is not None
    settled = {
        line.question.key: replace(_choice(line.question, 0), comment="Settled so")
        for line in comparison.Comparison(cam, both).open
    }
    return scorecards.agree_comparison(assessment=submitted, settled=settled, by=cam)


def _aim(agreed: Assessment, cam: User, seller: User) -> None:
    """A goal that both agreed and one that asks the partner, where there are topics left."""
    live = Goal.everything.filter(partner=agreed.partner, dropped_at=None).values_list("topic_key", flat=True)
    topics = [key for key, _name in goal_forms.free_topics(agreed, set(live))][:2]
    for number, topic in enumerate(topics):
        goal = scorecards.propose_goal(
            assessment=agreed, topic=topic, score_to=Decimal(100), by_on=today() + dt.timedelta(days=90), by=cam
        )
        if number == 0:
            scorecards.agree_goal(goal=goal, by=seller)


def _place_among_peers(partner: Partner) -> None:
    """As the nightly snapshot would, were there six others with these scores in everything."""
    own = partner.assessments.filter(status="submitted")
    for assessment in own.filter(overall_shared__isnull=False):
        topics = {row.key: row.score for row in assessment.scores.filter(level="topic", internal=False)}
        others = [
            Candidate(
                partner=-number, family=-number, partner_type="", agreed=False, mode="cam", finished=today(),
                overall=Decimal(number * 10), topics=dict.fromkeys(topics, Decimal(number * 10)),
            )
            for number in range(1, 7)
        ]  # fmt: skip
        mine = replace(others[0], partner=1, family=1, overall=assessment.overall_shared, topics=topics)
        place = Field(others, today()).place(mine)
        PeerStanding.everything.filter(assessment=assessment).delete()
        peer_snapshot.row(assessment.pk, place, timezone.now()).save()


def _other_kinds(world: World, partner: Partner, cam: User, champion: User) -> None:
    """A screening, what the partner says of the vendor, and its CAM by self and by manager."""
    versions = {
        version.questionnaire.kind: version
        for version in QuestionnaireVersion.objects.filter(status="published").select_related("questionnaire")
    }
    for kind, mode, by in (("recruit", "cam", cam), ("satisfaction", "self", champion)):
        _submitted(scorecards.start_assessment(partner=partner, version=versions[kind], mode=mode, by=by), by)
    for by in (cam, world.users[Role.CHIEF]):
        _submitted(scorecards.start_review(version=versions["cam"], cam=cam, by=by), by)


def _submitted(draft: Assessment, by: User) -> None:
    _answer_all(draft, by, place=1)
    scorecards.confirm(assessment=draft, by=by, questions=draft.applicable)
    scorecards.submit(assessment=draft, by=by)


def _answered(partner: Partner, version: QuestionnaireVersion, mode: str, by: User, *, place: int) -> Assessment:
    assessment = scorecards.start_assessment(partner=partner, version=version, mode=mode, by=by)
    return _answer_all(assessment, by, place=place)


def _answer_all(assessment: Assessment, by: User, *, place: int) -> Assessment:
    internal = not by.is_partner_side
    for question in assessment.version.content.questions(internal=internal):
        if question.key in assessment.applicable:
            given = replace(
                _choice(question, 0 if question.key.startswith("secret") else place),
                comment="So it is",
                evidence_url="https://example.com/proof",
            )
            scorecards.save_answer(assessment=assessment, question_key=question.key, given=given, by=by)
    return assessment


def _choice(question: Question, place: int) -> scorecards.Given:
    """The option at this place from the worst, or something to read."""
    if question.type is QuestionType.NUMBER:
        return scorecards.Given(value="12")
    if question.type is QuestionType.TEXT:
        return scorecards.Given(value="In words")
    options = sorted(question.options, key=lambda option: option.score)
    return scorecards.Given(options=(options[place].key,))


def _of_person(person: User, partner: Partner) -> None:
    notify(person, "Something new", "/notifications/")
    tokens.create(person, "My token", ["partners:read"], 30)
    links.make(user=person, purpose="guards", target_id=partner.pk, days=1)
    job = Job(kind="guards", title="Some work", state="done", created_by=person, finished_at=timezone.now())
    job.result = {"rows": "three"}
    job.result_file.save("guards/result.csv", ContentFile(b"one,two\n"), save=False)
    job.save()


# What belongs to one of two things, each of a partner.
EITHER = dict.fromkeys(("mdf.ApprovalStep", "mdf.Happening"), ("request__partner", "claim__partner"))


def unfurnished(partner: Partner) -> list[str]:
    """Partner-owned models of which this partner has no row: `furnish` forgets them."""
    empty = []
    for model in apps.get_models():
        if issubclass(model, PartnerOwned):
            paths = EITHER.get(model._meta.label, (model.partner_path or "pk",))
            if not model._base_manager.filter(Q(*((path, partner.pk) for path in paths), _connector=Q.OR)).exists():
                empty.append(model._meta.label)
    return empty


# ── Marks ────────────────────────────────────────────────────────────────────────────────────────────────────────────

# Text that is a code, an address or a secret, not something a person writes: it stays as it is.
CODES = {
    "common.AuditEntry": {"verb", "target_type", "target_id"},
    "common.Job": {"kind", "params", "result_url", "result_file"},
    "common.Notification": {"url"},
    "common.Policy": {"kind", "data"},
    "common.SavedView": {"page", "query"},
    "common.VendorSettings": {"reporting_currency", "time_zone", "accent", "logo"},
    "imports.ImportRun": {
        "kind",
        "file",
        "sheet",
        "sheets",
        "columns",
        "layout",
        "survey",
        "mapping",
        "formats",
        "meanings",
        "defaults",
        "decisions",
        "counts",
    },
    "imports.ImportRow": {"changes", "reasons", "candidates"},
    "imports.ImportChange": {"model", "before", "after"},
    "accounts.User": {"password", "email", "language", "time_zone"},
    "accounts.SignedLink": {"purpose", "target_id"},
    "accounts.ApiToken": {"prefix", "digest", "scopes"},
    "accounts.IdempotencyKey": {"key", "request_digest"},
    "partners.Fact": {"metric"},
    "partners.Action": {"origin", "origin_key"},
    "partners.Certification": {"source"},
    "pipeline.SalesResult": {"source"},
    "pipeline.MetricValue": {"source"},
    "pipeline.Deal": {"source"},
    "pipeline.TargetVersion": {"metric"},
    "cadence.DueItem": {"task", "period"},
    "scorecards.TierEvaluation": {"detail"},
    "scorecards.PerformanceReview": {"figures"},
    "scorecards.QuestionnaireVersion": {"definition"},
    "scorecards.Assessment": {"stage_key", "type_key", "applicable", "period"},
    "scorecards.Answer": {"question_key", "options"},
    "scorecards.AnswerChange": {"question_key"},
    "scorecards.AssessmentScore": {"key", "category_key"},
    "scorecards.Goal": {"topic_key"},
    "scorecards.PeerStanding": {"topics"},
    "dealdesk.Registration": {"reference", "name_key", "registrable"},
    "dealdesk.Step": {"details"},
    "planning.BusinessPlan": {"content_hash"},
    "planning.PlanSignature": {"content_hash"},
    "planning.Reforecast": {"figures"},
    "webhooks.Endpoint": {"url", "kinds", "contact", "secret", "old_secret"},
    "webhooks.Delivery": {"message_id", "kind", "body"},
    "accountplans.Ideal": {"sizes"},
    "accountplans.Basis": {"content"},
    "mdf.Entry": {"subject_kind"},
    "mdf.Posting": {"parts"},
    "mdf.Request": {"reference"},
    "mdf.Claim": {"reference"},
    "mdf.Proof": {"content_type", "digest"},
    "mdf.Happening": {"details"},
    "leads.Distribution": {"method", "slot", "kept"},
    "leads.LeadTrial": {"policy", "result"},
    "marketing.Activity": {"code", "sources"},
    "marketing.Snapshot": {"content_hash"},
    "marketing.Worksheet": {"content"},
    "qbr.Qbr": {"quarter", "order", "switched", "chosen"},
    "qbr.Batch": {"quarter"},
    "qbr.Template": {"digest", "report"},
}
# What a partner is told of a lead that it is offered and doesn't hold.
TOLD = {"leads.Lead": {"company", "need", "city"}}
# The keys of JSON under which people read words; of JSON that isn't named here everything is marked.
JSON_WORDS = {
    "scorecards.Assessment": {"name"},
    "scorecards.AnswerChange": {"comment"},
    "cadence.Handover": {"note", "people", "title", "name", "topic"},
    "planning.BusinessPlan": {
        "name",
        "value_proposition",
        "verticals",
        "competitors",
        "strengths",
        "title",
        "yardstick",
        "unit",
    },
    "planning.PlanBenchmark": {"name"},
    "marketing.Activity": {"label"},
    "marketing.PlayActivity": {"what"},
    "marketing.Snapshot": {"title", "message", "audience", "what", "label"},
    "qbr.Version": {"title", "heading", "commentary", "notes", "alt"},
}
# What of a row that the partner may see stays with the vendor all the same.
VENDORS_OWN = {
    "partners.Partner": {"internal_note"},
    "scorecards.Assessment": {"result"},
    "marketing.MarketingPlan": {"vendor_note"},
    "mdf.Entry": {"reason"},
}
# Text that stays empty, or a number, where it is.
NOT_FILLED = {"scorecards.Answer": {"value"}, "accountplans.AccountTarget": {"reason"}}
# Rows that no partner's person ever sees, whoever they are about.
NEVER_SHARED = {"common.AuditEntry", "common.OutgoingMail"}
SHORT = 12  # no room for a mark: codes of currencies, countries, languages
PERSON = ("user", "created_by")


def mark(world: World, *letters_and_teams: tuple[str, Partner, dict[Role, User]]) -> None:
    """Writes a mark into every text of every row: whose it is, and whether a side may not read it."""
    for model in apps.get_models():
        label = model._meta.label
        if model._meta.app_label in ("tenancy", "contenttypes", "auth", "sessions", "account", "django_tenants"):
            continue
        fields = [field for field in model._meta.concrete_fields if _is_text(field, CODES.get(label, set()))]
        if not fields:
            continue
        hidden = {letter: _hidden(model, partner, team) for letter, partner, team in letters_and_teams}
        for row in model._base_manager.all():
            letter = _letter(row, letters_and_teams)
            words = [f"{world.mark}-{letter}", *_words(row, hidden.get(letter, lambda row: [])(row))]
            never = label in NEVER_SHARED or (letter == "V" and _person(row) is not None)
            if never or (letter == "V" and getattr(row, "internal", False)):
                words.append(INTERNAL)
            new = {}
            for field in fields:
                value = getattr(row, field.name)
                if field.name in NOT_FILLED.get(label, ()) and (not value or value.isdigit()):
                    continue
                own = [INTERNAL] if field.name in VENDORS_OWN.get(label, ()) else []
                told = {INTERNAL} if letter != "V" and field.name in TOLD.get(label, ()) else set()
                new[field.name] = _marked(value, " ".join([*(word for word in words if word not in told), *own]), field)
            model._base_manager.filter(pk=row.pk).update(**new)


def _is_text(field: models.Field, codes: set[str]) -> bool:
    text = isinstance(field, models.CharField | models.TextField | models.JSONField)
    is_code = field.name in codes or field.choices or isinstance(field, models.SlugField | models.EmailField)
    return text and not is_code and not field.primary_key and not (field.max_length and field.max_length < SHORT)


def _letter(row: models.Model, owners: tuple) -> str:
    """A or B for what is a partner's, V for the vendor's own."""
    by_partner = {partner.pk: letter for letter, partner, _team in owners}
    if isinstance(row, PartnerOwned):
        value = row.of if row._meta.label in EITHER else row
        for name in filter(None, row.partner_path.split("__")):
            value = getattr(value, name)
        if (
            value is None and _assessment(row) is None
        ):  # what nobody holds is marked as what is of whom it was offered to last
            offer = row.offers.order_by("-pk").first() if hasattr(row, "offers") else None
            return by_partner.get(offer.partner_id, "V") if offer else "V"
        if value is None:  # a CAM's skills are marked as what is of the CAM's partner
            by_cam = {partner.cam_id: letter for letter, partner, _team in owners}
            return by_cam.get(_assessment(row).about_id, "V")
        return by_partner.get(value.pk, "V")
    if getattr(row, "partner_id", None) in by_partner:
        return by_partner[row.partner_id]
    person = _person(row)
    member = getattr(person, "membership", None)
    return by_partner.get(member.partner_id, "V") if member else "V"


def _person(row: models.Model) -> User | None:
    return next((getattr(row, name) for name in PERSON if hasattr(row, name)), None)


def _assessment(row: models.Model) -> Assessment | None:
    """The assessment that a row is or belongs to."""
    return row if isinstance(row, Assessment) else getattr(row, "assessment", None)


def _words(row: models.Model, sides: list[str]) -> list[str]:
    """The words for what a row is kept from; what is for channel management has its own in place of BLIND."""
    assessment = _assessment(row)
    if assessment is not None and assessment.kind == "program":
        return [INTERNAL, CONFIDENTIAL]
    confidential = assessment is not None and assessment.kind == "satisfaction"
    return [CONFIDENTIAL if side == BLIND and confidential else side for side in sides]


def _hidden(model: type[models.Model], partner: Partner, team: dict[Role, User]):
    """row → the sides that the model's own rule keeps it from."""
    if not issubclass(model, PartnerOwned):
        return lambda row: []
    to_partner, to_cam = (
        set(model.objects.visible_to(user).values_list("pk", flat=True))
        for user in (team[Role.PARTNER_CHAMPION], partner.cam)
    )
    # A lead that nobody holds any more is no secret of the partner's: who sees all partners goes on reading it.
    blind = [BLIND] if model._meta.app_label != "leads" else []
    return lambda row: [*([INTERNAL] if row.pk not in to_partner else []), *(blind if row.pk not in to_cam else [])]


def _marked(value: object, words: str, field: models.Field) -> object:
    if isinstance(field, models.JSONField):
        return _marked_json(value, words, JSON_WORDS.get(field.model._meta.label))
    if not isinstance(value, str) or not (value or field.blank):
        return value
    if isinstance(field, models.URLField):
        return f"https://example.com/{words.replace(' ', '/')}"
    return f"{words} {value}"[: field.max_length]


def _marked_json(value: object, words: str, only: set[str] | None, key: str = "") -> object:
    if isinstance(value, dict):
        return {name: _marked_json(inner, words, only, name) for name, inner in value.items()}
    if isinstance(value, list):
        return [_marked_json(inner, words, only, key) for inner in value]
    return f"{words} {value}" if isinstance(value, str) and (only is None or key in only) else value
