"""Where an assessment stands among its peers, by the names of the API."""

from decimal import Decimal
from typing import Any, Literal

from prm.api.schemas import instant
from scorecards.standing import Figures, Peers

PeerReason = Literal["draft", "not_taken_yet", "under_five_peers", "not_compared", "not_assessed"]


def peers_out(peers: Peers) -> dict[str, Any]:
    """The overall's figures, null with `peer_reason`."""
    place = peers.overall
    return {
        **topic_peers_out(place),
        "peer_lower_quartile": place and _text(place.lower),
        "peer_upper_quartile": place and _text(place.upper),
        "peer_count": place and place.count,
        "peer_all_types": peers.all_types if place else None,
        "peers_as_of": instant(peers.as_of),
        "peer_reason": peers.reason,
    }


def topic_peers_out(place: Figures | None) -> dict[str, Any]:
    return {"peer_percentile": place and _text(place.percentile), "peer_median": place and _text(place.median)}


def _text(value: Decimal | int | str) -> str:
    return format(value, "f") if isinstance(value, Decimal) else str(value)
