"""The list of partners by their scorecards: one description for the page, CSV and XLSX."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery
from django.db.models.functions import Lower
from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from accounts.permissions import Permission
from partners import queries as partner_queries
from partners.models import Partner
from prm.common.explain import Explanation
from prm.common.lists import Column, Listing, exportable
from prm.common.saved_views import savable
from prm.common.templatetags.signs import score as score_sign
from prm.documents.table import Kind
from scorecards import queries, rollup, scoring
from scorecards.filters import ScorecardFilter, Scored
from scorecards.models import Assessment, AssessmentScore, Questionnaire
from scorecards.rollups import figure_columns
from scorecards.rollups.explained import explanations

LEFT_OUT = ("tier", "by", "partner_side")
MODES = {"self": gettext_lazy("Partner"), "cam": gettext_lazy("Vendor"), "joint": gettext_lazy("Together")}


def default_questionnaire() -> Questionnaire | None:
    """The capability questionnaire that is offered first."""
    return Questionnaire.objects.filter(kind="capability", versions__status="published").order_by("id").first()


savable("scorecards:list", gettext_lazy("Scorecards"))


@exportable("scorecards")
def scorecard_listing(user: User, query: QueryDict) -> Listing:
    """The partners this user sees by their latest score, filtered and sorted as the address says."""
    questionnaire = default_questionnaire()
    chosen = ScorecardFilter(query, user=user, questionnaire=questionnaire)
    rows = chosen.apply(partner_queries.partner_list(user))
    scored = chosen.cleaned_data.get("scored") if chosen.is_valid() else None
    figure = chosen.cleaned_data.get("figure") if chosen.is_valid() else None
    columns = _columns(user, questionnaire, scored)
    if figure:
        columns[5:5] = added = figure_columns.of(user, figure)
        if len(added) > 1:  # there is no room for all on a page
            columns = [replace(each, shown=each.shown and each.key not in LEFT_OUT) for each in columns]
    return Listing(rows, columns, query, name=gettext_lazy("Scorecards"), default="name", filter=chosen)


def explained(user: User, query: QueryDict, listing: Listing) -> list[Explanation]:
    """How the figure that led to this list came about; [] where none did."""
    chosen: Any = listing.filter
    if not ("figure" in query or "scored" in query):
        return []
    plain = query.copy()
    plain.pop("figure", None)
    everybody = ScorecardFilter(plain, user=user, questionnaire=chosen.questionnaire)
    rows = everybody.apply(Partner.objects.visible_to(user))
    return explanations(user, chosen, listing.queryset.order_by(), rows)


def _columns(user: User, questionnaire: Questionnaire | None, scored: Scored | None) -> list[Column]:
    limits = queries.thresholds()
    mine = queries.counted(queries.of_partners(user).filter(questionnaire=questionnaire, partner=OuterRef("pk")))
    every = Assessment.objects.unscoped("states of partners the caller has scoped").filter(
        questionnaire=questionnaire, partner=OuterRef("pk")
    )
    draft = every.filter(status="draft", mode="cam")
    other = every.filter(mode="self", revealed=False, status__in=["draft", "submitted"]).order_by("started_at")

    def sign(value: Decimal | None, reason: str) -> SafeString:
        shown = None if value is None else scoring.display(value)
        return score_sign(shown, limits.rag(shown) if shown is not None else "", reason=reason)

    columns = [
        Column("name", gettext_lazy("Partner"), lambda p: p.name, cell=_partner_cell, sort=(Lower("name"),), heads_row=True),
        Column("tier", gettext_lazy("Tier"), lambda p: p.tier and p.tier.name, sort=("tier__order",), nullable=True),
        Column("stage", gettext_lazy("Life stage"), lambda p: p.stage.name, sort=("stage__order",)),
        Column("cam", gettext_lazy("CAM"), lambda p: p.cam and p.cam.display_name, sort=("cam__name",), nullable=True),
        Column(
            "score", gettext_lazy("Score"), lambda p: _plain(p.latest_score), Kind.DECIMAL,
            cell=lambda p: sign(p.latest_score, _("Not assessed yet, or the other side's score is not in yet")),
            sort=("latest_score",), nullable=True, annotate={"latest_score": Subquery(mine.values("overall")[:1])},
        ),
        Column(
            "on", gettext_lazy("Assessed"), lambda p: p.latest_on, Kind.DATE, sort=("latest_on",), nullable=True,
            annotate={"latest_on": Subquery(mine.values("finished_on")[:1])},
        ),
        Column(
            "by", gettext_lazy("By"), lambda p: str(MODES.get(p.latest_mode, "")),
            annotate={"latest_mode": Subquery(mine.values("mode")[:1])},
        ),
        Column(
            "partner_side", gettext_lazy("Partner's own"), _other,
            annotate={
                f"other_{name}": Subquery(other.values(name)[:1]) for name in ("status", "due_on", "expired_at")
            },
        ),
    ]  # fmt: skip
    if scored and scored.level != "overall":
        columns.insert(5, _scored_column(user, scored, sign))
    if user.can(Permission.RUN_SCORECARDS):
        columns.append(
            Column(
                "next", gettext_lazy("Your draft"), lambda p: f"{p.draft_done}/{p.draft_of}" if p.draft_id else "",
                cell=_next_cell,
                annotate={f"draft_{name}": Subquery(draft.values(name)[:1]) for name in ("id", "done", "of")},
            )
        )  # fmt: skip
    return columns


def _scored_column(user: User, scored: Scored, sign: Any) -> Column:
    """The score behind the cell of a roll-up that led here."""
    counting = rollup.latest(user, scored.questionnaire, scored.window()).filter(partner=OuterRef(OuterRef("pk")))
    rows: QuerySet[AssessmentScore] = AssessmentScore.objects.unscoped("of assessments that are visible").filter(
        level=scored.level, key=scored.key, assessment__in=counting.values("pk")
    )
    title = queries.names(scored.questionnaire).get((scored.level, scored.key), scored.key)
    return Column(
        "scored", title, lambda p: _plain(p.cell_score), Kind.DECIMAL, cell=lambda p: sign(p.cell_score, ""),
        sort=("cell_score",), nullable=True, annotate={"cell_score": Subquery(rows.values("score")[:1])},
    )  # fmt: skip


def _plain(score: Decimal | None) -> Decimal | None:
    return None if score is None else round(score, 9)


def _other(partner: Any) -> str:
    """Where the partner's own one is, of which the vendor sees nothing else yet."""
    if partner.other_expired_at:
        day = timezone.localtime(partner.other_expired_at).date()
        return _("Expired on %(day)s") % {"day": date_format(day, "SHORT_DATE_FORMAT")}
    if partner.other_due_on:
        return _("Asked for by %(day)s") % {"day": date_format(partner.other_due_on, "SHORT_DATE_FORMAT")}
    return {"draft": _("Being filled in"), "submitted": _("Submitted, waits for yours")}.get(
        partner.other_status or "", ""
    )


def _partner_cell(partner: Partner) -> SafeString:
    return format_html(
        '<a class="row-link" href="{}">{}</a>', reverse("scorecards:partner", args=[partner.pk]), partner.name
    )


def _next_cell(partner: Any) -> SafeString:
    if partner.draft_id:
        address = reverse("scorecards:answer", args=[partner.draft_id])
        text = _("Continue, %(done)s of %(of)s") % {"done": partner.draft_done, "of": partner.draft_of}
    else:
        address, text = f"{reverse('scorecards:partner', args=[partner.pk])}#start", _("Start")
    return format_html('<a href="{}">{}<span class="visually-hidden"> {}</span></a>', address, text, partner.name)
