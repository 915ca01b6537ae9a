"""What partners say of the vendor: averages for channel management, and a CAM's own average."""

from typing import Annotated, Any, Literal

from ninja import Query, Router
from pydantic import Field

from accounts.permissions import Permission as P
from accounts.tokens import Scope
from partners.api.common import PartnerQuery, check_filter
from partners.models import Partner
from prm.api.auth import Allowed, Request
from prm.api.schemas import Out
from scorecards import queries, satisfaction
from scorecards.api.results import RagColour
from scorecards.kinds import LEAST

router = Router(tags=["Roll-ups"])
HEARS = Allowed(Scope.SCORECARDS_READ, vendor=P.SEE_SATISFACTION)
OWN = Allowed(Scope.SCORECARDS_READ, vendor=P.SCORE_OURSELVES)


class AverageOut(Out):
    """`mean` of the unrounded scores of the latest answer of each of `partners`; `key` of a category, `overall` of all."""

    key: str
    mean: str | None
    display: int | None
    rag: RagColour | None


class GroupOut(Out):
    """`id` of the CAM (a user, as at the answer) or region, null for none."""

    id: int | None
    name: str | None
    partners: int
    averages: list[AverageOut]


class SatisfactionOut(Out):
    by: Literal["cam", "region"]
    rows: list[GroupOut]


class SatisfactionQuery(PartnerQuery):
    by: Literal["cam", "region"] = Field("cam", description="What rows stand for.")


class TopicHeardOut(Out):
    key: str
    display: int | None


class HeardOut(Out):
    """`display` is null under five partners, a topic's likewise; no figure says what one partner said."""

    partners: int
    least: int
    as_of: str
    display: int | None
    reason: Literal["too_few"] | None
    topics: list[TopicHeardOut]


@router.get("/rollups/satisfaction", response=SatisfactionOut, auth=HEARS)
def get_satisfaction_rollup(request: Request, query: Annotated[SatisfactionQuery, Query()]) -> Any:
    """Means of each partner's latest answer in the last 12 months, by CAM or region, of the partners one sees."""
    chosen = satisfaction.SatisfactionFilter(request.GET, user=request.user)
    check_filter(request, chosen)
    partners = chosen.apply(Partner.objects.visible_to(request.user))
    limits = queries.thresholds()
    keys = ["", *(key for key, _name in satisfaction.columns_of(satisfaction.questionnaire()))]
    return {
        "by": chosen.group,
        "rows": [
            {
                "id": row.id,
                "name": row.name or None,
                "partners": row.partners,
                "averages": [
                    {
                        "key": key or "overall",
                        "mean": format(row.means[key], "f") if key in row.means else None,
                        "display": row.display(key),
                        "rag": limits.rag(row.display(key)),
                    }
                    for key in keys
                ],
            }
            for row in satisfaction.averages(request.user, partners, chosen.group)
        ],
    }


@router.get("/me/satisfaction", response=HeardOut, auth=OWN)
def get_own_satisfaction(request: Request) -> Any:
    """What one's own partners say, on average over five or more; it changes once a quarter."""
    heard = satisfaction.heard_by(request.user)
    return {
        "partners": heard.partners,
        "least": LEAST,
        "as_of": heard.as_of.isoformat(),
        "display": heard.overall,
        "reason": "too_few" if heard.overall is None else None,
        "topics": [{"key": key, "display": value} for key, value in heard.topics.items()],
    }
