"""What the resources of scorecards share."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.core.exceptions import ValidationError
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from accounts.permissions import Permission
from accounts.tokens import Scope
from prm.api.auth import Allowed, Request
from prm.api.problems import Problem, field_error, from_validation
from scorecards import actions, queries
from scorecards.models import Assessment

P = Permission
READS = Allowed(Scope.SCORECARDS_READ, vendor=P.SEE_SCORECARDS, portal=P.ANSWER_SCORECARDS)
# What is about a partner also asks for P.RUN_SCORECARDS: see `may_run`.
WRITES = Allowed(Scope.SCORECARDS_WRITE, vendor=P.SCORE_OURSELVES, portal=P.ANSWER_SCORECARDS)
PLANS = Allowed(Scope.SCORECARDS_WRITE, vendor=P.RUN_SCORECARDS, portal=P.ANSWER_SCORECARDS)
EDITS = Allowed(Scope.QUESTIONNAIRES_WRITE, vendor=P.EDIT_QUESTIONNAIRES)
ROLLS_UP = Allowed(Scope.SCORECARDS_READ, vendor=P.SEE_ROLLUPS)


def find(request: Request, assessment_id: int) -> Assessment:
    """An assessment open to the user; else 404."""
    assessment: Assessment = get_object_or_404(queries.assessments(request.user), pk=assessment_id)
    return assessment


def find_own(request: Request, assessment_id: int) -> Assessment:
    """An assessment that the user's side fills in; the other side's is a 404."""
    assessment: Assessment = get_object_or_404(queries.filled_in(request.user), pk=assessment_id)
    if assessment.partner_id is not None:
        may_run(request)
    return assessment


def may_run(request: Request) -> None:
    """403 for who of the vendor's side does not run scorecards of partners."""
    if not request.user.is_partner_side and not request.user.can(P.RUN_SCORECARDS):
        raise Problem(403)


@contextmanager
def refusing(prefix: str = "") -> Iterator[None]:
    """Turns what an action refuses into a problem; fields stand under `prefix`."""
    try:
        yield
    except actions.NotAllowed as error:
        raise Problem(403, str(error)) from error
    except actions.Closed as error:
        raise Problem(409, str(error), code="closed") from error
    except actions.Unsettled as error:
        detail = _("Both sides answered differently: say for each of these which answer stands.")
        errors = [field_error(f"settled.{key}", _("Say which answer stands.")) for key in error.missing]
        raise Problem(422, detail, code="unsettled", errors=errors) from error
    except actions.Incomplete as error:
        detail = (
            _("Required questions are still to answer or confirm.")
            if error.missing
            else _("Answer at least one question first.")
        )
        errors = [
            field_error(key, _("Answer this question, or confirm its answer."), place="assessment")
            for key in error.missing
        ]
        raise Problem(422, detail, code="incomplete", errors=errors) from error
    except ValidationError as error:
        raise from_validation(error, prefix=prefix) from error
