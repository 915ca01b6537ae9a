"""Who is told what happened to a registration: mails and the bell register here, actions call `tell` inside their transaction.

    @telling.hears("approved")
    def mail_approved(registration: Registration, step: Step | None) -> None: …

Moments: `checked` (of a submission, whatever was found: the one answer the submitter gets, see `may_exist`, and from when on it is
to be decided), `returned`, `approved`, `rejected`, `withdrawn`, `released`, `renewed`, `expired`, `reminder` (step.details["days"]
to the end), `escalated`, `overruled`, `proof`, `proof_accepted`.
"""

from collections import defaultdict
from collections.abc import Callable

from dealdesk.models import Registration, Step

Hearer = Callable[[Registration, Step | None], None]

MOMENTS = frozenset(
    [
        "checked", "returned", "approved", "rejected", "withdrawn", "released", "renewed", "expired", "reminder",
        "escalated", "overruled", "proof", "proof_accepted",
    ]
)  # fmt: skip
_hearers: dict[str, list[Hearer]] = defaultdict(list)


def hears(*moments: str) -> Callable[[Hearer], Hearer]:
    """Registers who tells people of these moments. What it writes stands or falls with the change."""
    if unknown := set(moments) - MOMENTS:
        raise ValueError(f"There is no such moment: {sorted(unknown)}")

    def register(hearer: Hearer) -> Hearer:
        for moment in moments:
            _hearers[moment].append(hearer)
        return hearer

    return register


def tell(moment: str, registration: Registration, step: Step | None = None) -> None:
    for hearer in _hearers[moment]:
        hearer(registration, step)
