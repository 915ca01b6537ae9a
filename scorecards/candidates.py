"""The candidates: partners in the stage Recruit by the fit of their latest screening."""

from decimal import Decimal
from typing import Any

from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.db.models.fields.json import KT
from django.db.models.functions import Lower
from django.http import QueryDict
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from accounts.permissions import Permission
from partners import queries as partner_queries
from partners.filters import PartnerFilter
from partners.models import Partner
from prm.common.filters import MenuField
from prm.common.lists import Column, Listing, exportable
from prm.common.rag import Rag
from prm.common.templatetags.signs import rag as rag_sign
from prm.documents.table import Kind
from scorecards import kinds, queries, scoring
from scorecards.models import Assessment

STAGE = "recruit"  # the key of the life stage candidates are in
VERDICTS = {"go": gettext_lazy("Go"), "develop": gettext_lazy("Develop"), "pass": gettext_lazy("Pass")}


def candidates(user: User) -> QuerySet[Partner]:
    """The candidates this user sees, with `fit` (unrounded), `fit_rag` and `screened_on` of the latest screening."""
    latest = queries.counted(
        queries.of_partners(user).filter(questionnaire__kind="recruit", partner=OuterRef("pk"))
    ).annotate(colour=KT("result__rag"))
    return (
        partner_queries.partner_list(user)
        .filter(stage__key=STAGE)
        .annotate(
            fit=Subquery(latest.values("overall")[:1]),
            fit_rag=Subquery(latest.values("colour")[:1]),
            screened_on=Subquery(latest.values("finished_on")[:1]),
            screening=Subquery(latest.values("pk")[:1]),
        )
    )


class CandidateFilter(PartnerFilter):
    """Candidates by what to do with them."""

    verdict = MenuField(
        label=gettext_lazy("Verdict"), choices=[*VERDICTS.items(), ("none", gettext_lazy("Not screened"))]
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["stage"], self.fields["tier"]  # candidates are of one stage, and have no tier yet

    def narrow(self, queryset: QuerySet[Partner]) -> QuerySet[Partner]:
        queryset = super().narrow(queryset)
        if wanted := self.cleaned_data.get("verdict"):
            colours = [rag for rag, verdict in kinds.VERDICTS.items() if verdict in wanted]
            found = Q(fit_rag__in=colours)
            queryset = queryset.filter(found | Q(fit_rag=None) if "none" in wanted else found)
        return queryset


@exportable("scorecards.candidates")
def candidate_listing(user: User, query: QueryDict) -> Listing:
    """The candidates this user sees, the best fit first; the verdict is by the thresholds of the day they were screened."""
    chosen = CandidateFilter(query, user=user)
    draft = Assessment.objects.unscoped("of partners the caller has scoped").filter(
        questionnaire__kind="recruit", partner=OuterRef("pk"), status="draft", mode="cam"
    )
    columns = [
        Column("name", gettext_lazy("Candidate"), lambda p: p.name, cell=_name, sort=(Lower("name"),), heads_row=True),
        Column(
            "fit", gettext_lazy("Fit"), lambda p: None if p.fit is None else round(p.fit, 9), Kind.DECIMAL,
            cell=lambda p: _fit(p.fit), sort=("fit",), nullable=True,
        ),
        Column("verdict", gettext_lazy("Verdict"), lambda p: _verdict(p.fit_rag), cell=_verdict_cell),
        Column("type", gettext_lazy("Type"), lambda p: p.partner_type.name, sort=("partner_type__order",)),
        Column("region", gettext_lazy("Region"), lambda p: p.region and p.region.name, sort=("region__order",), nullable=True),
        Column("cam", gettext_lazy("CAM"), lambda p: p.cam and p.cam.display_name, sort=("cam__name",), nullable=True),
        Column("on", gettext_lazy("Screened"), lambda p: p.screened_on, Kind.DATE, sort=("screened_on",), nullable=True),
    ]  # fmt: skip
    if user.can(Permission.RUN_SCORECARDS):
        columns.append(
            Column(
                "next", gettext_lazy("Your draft"), lambda p: f"{p.draft_done}/{p.draft_of}" if p.draft_id else "",
                cell=_next, annotate={f"draft_{name}": Subquery(draft.values(name)[:1]) for name in ("id", "done", "of")},
            )
        )  # fmt: skip
    rows = chosen.apply(candidates(user))
    return Listing(rows, columns, query, name=gettext_lazy("Candidates"), default="-fit", filter=chosen)


def _name(partner: Any) -> SafeString:
    at = ["scorecards:summary", partner.screening] if partner.screening else ["scorecards:partner", partner.pk]
    return format_html('<a class="row-link" href="{}">{}</a>', reverse(at[0], args=at[1:]), partner.name)


def _fit(fit: Decimal | None) -> str:
    if fit is None:
        return str(rag_sign(None, reason=_("Not screened yet")))
    return str(scoring.display(fit))


def _verdict(colour: str | None) -> str:
    found = kinds.verdict(colour)
    return str(VERDICTS[found]) if found else ""


def _verdict_cell(partner: Any) -> SafeString:
    return rag_sign(
        partner.fit_rag and Rag(partner.fit_rag), word=_verdict(partner.fit_rag), reason=_("Not screened yet")
    )


def _next(partner: Any) -> SafeString:
    if partner.draft_id:
        address = reverse("scorecards:answer", args=[partner.draft_id])
        text = _("Continue, %(done)s of %(of)s") % {"done": partner.draft_done, "of": partner.draft_of}
    else:
        address, text = f"{reverse('scorecards:partner', args=[partner.pk])}#start", _("Screen")
    return format_html('<a href="{}">{}<span class="visually-hidden"> {}</span></a>', address, text, partner.name)
