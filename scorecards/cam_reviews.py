"""A CAM by self and by manager: blind until both of a quarter are in, then the differences to talk about."""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery
from django.db.models.functions import Lower
from django.http import QueryDict
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from prm.common.lists import Column, Listing, exportable
from prm.common.templatetags.signs import score as score_sign
from prm.common.vendor import fiscal_calendar, today
from prm.documents.table import Kind
from scorecards import queries, scoring
from scorecards.models import Assessment
from scorecards.perception import perception_gaps

KIND = "cam"


@dataclass(frozen=True)
class GapLine:
    """A topic as the CAM and the manager score it, displayed; `gap` = self − manager of the unrounded scores."""

    name: str
    own: int | None
    manager: int | None
    gap: Fraction | None


@dataclass(frozen=True)
class Side:
    """How far one side is this quarter: "" not begun, draft or submitted. `assessment` where the reader may open it."""

    status: str
    assessment: Assessment | None


@dataclass(frozen=True)
class Review:
    """Where a CAM's reviews stand, as the reader may see them. `pair`: the latest quarter's two that are open to both."""

    cam: User
    own: Side
    manager: Side
    pair: tuple[Assessment, Assessment] | None
    gaps: list[GapLine]
    history: list[Assessment]

    @property
    def period(self) -> str:
        return queries.period_label(self.pair[0].period) if self.pair else ""


def review_of(reader: User, cam: User) -> Review:
    """The reader is the CAM, or reviews that CAM."""
    visible = list(
        queries.assessments(reader)
        .filter(questionnaire__kind=KIND, about=cam)
        .defer("version__definition")
        .order_by("-started_at", "-id")
    )
    pair = _pair(visible)
    return Review(
        cam=cam,
        own=_side(cam, Assessment.Mode.SELF, visible),
        manager=_side(cam, Assessment.Mode.CAM, visible),
        pair=pair,
        gaps=_gaps(*pair) if pair else [],
        history=[row for row in visible if not row.is_draft],
    )


def _this_quarter(**which: Any) -> QuerySet[Assessment]:
    period = fiscal_calendar().quarter_of(today()).key
    rows: QuerySet[Assessment] = Assessment.objects.unscoped("the state, nothing of the content").filter(
        questionnaire__kind=KIND, period__in=["", period], **which
    )
    return rows.order_by("period", "-started_at", "-id")  # an open draft first


def _side(cam: User, mode: str, visible: list[Assessment]) -> Side:
    found = _this_quarter(about=cam, mode=mode).values_list("pk", "status").first()
    if found is None:
        return Side("", None)
    return Side("draft" if found[1] == "draft" else "submitted", next((r for r in visible if r.pk == found[0]), None))


def _pair(visible: list[Assessment]) -> tuple[Assessment, Assessment] | None:
    """The latest two of one quarter, by the CAM and by the manager."""
    done = sorted(
        (row for row in visible if row.revealed and not row.is_draft), key=lambda row: (row.finished_at, row.pk)
    )
    best: dict[tuple[str, str], Assessment] = {(row.period, row.mode): row for row in done}
    for period in sorted({row.period for row in done}, reverse=True):
        own, manager = best.get((period, "self")), best.get((period, "cam"))
        if own and manager:
            return own, manager
    return None


def _gaps(own: Assessment, manager: Assessment) -> list[GapLine]:
    """The largest difference first, topics only one of the two answered last."""
    names: dict[str, str] = {}
    scores: list[dict[str, Decimal | None]] = []
    for row in (manager, own):  # names and order as the CAM read them where the versions differ
        topics = [t for c in queries.result_payload(row, shared=False)["categories"] for t in c["topics"]]
        scores.append({t["key"]: Decimal(t["score"]) if t["score"] is not None else None for t in topics})
        names |= {t["key"]: t["name"] for t in topics}
    return [
        GapLine(names[each.key], _shown(each.self_score), _shown(each.cam_score), each.gap)
        for each in perception_gaps(list(names), scores[1], scores[0])
    ]


def _shown(value: Fraction | None) -> int | None:
    return None if value is None else scoring.display(scoring.decimal(value))


@exportable("scorecards.cams")
def cam_listing(user: User, query: QueryDict) -> Listing:
    """The CAMs the user reviews: how far both sides are this quarter, and their latest scores that are open to both."""
    limits = queries.thresholds()
    both = queries.counted(
        queries.assessments(user).filter(questionnaire__kind=KIND, about=OuterRef("pk"), revealed=True)
    )

    def sign(value: Decimal | None) -> SafeString:
        shown = None if value is None else scoring.display(value)
        return score_sign(shown, limits.rag(shown) or "", reason=_("Shown once both are in"))

    columns = [Column("name", gettext_lazy("CAM"), lambda u: u.display_name, cell=_name, sort=(Lower("name"),), heads_row=True)]  # fmt: skip
    for mode, state, title in (
        ("self", gettext_lazy("By the CAM"), gettext_lazy("Own score")),
        ("cam", gettext_lazy("By the manager"), gettext_lazy("Manager's score")),
    ):
        columns += [
            Column(
                f"{mode}_state", state, lambda u, mode=mode: state_words(getattr(u, f"{mode}_state")),  # type: ignore[misc]
                annotate={f"{mode}_state": Subquery(_this_quarter(about=OuterRef("pk"), mode=mode).values("status")[:1])},
            ),
            Column(
                f"{mode}_score", title, lambda u, mode=mode: _plain(getattr(u, f"{mode}_score")), Kind.DECIMAL,  # type: ignore[misc]
                cell=lambda u, mode=mode: sign(getattr(u, f"{mode}_score")), sort=(f"{mode}_score",), nullable=True,  # type: ignore[misc]
                annotate={f"{mode}_score": Subquery(both.filter(mode=mode).values("overall")[:1])},
            ),
        ]  # fmt: skip
    return Listing(queries.reviewed_cams(user), columns, query, name=gettext_lazy("CAMs"), default="name")


def state_words(status: str | None) -> str:
    """How far a side is this quarter, in words."""
    return {None: _("Not begun"), "": _("Not begun"), "draft": _("Being filled in")}.get(status, _("Submitted"))


def _plain(score: Decimal | None) -> Decimal | None:
    return None if score is None else round(score, 9)


def _name(cam: Any) -> SafeString:
    return format_html(
        '<a class="row-link" href="{}">{}</a>', reverse("scorecards:cam", args=[cam.pk]), cam.display_name
    )
