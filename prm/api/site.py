"""The REST API, put together: its operations, its errors, its addresses."""

import logging
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.http.multipartparser import MultiPartParserError
from django.urls import URLPattern
from django.utils.cache import patch_vary_headers
from ninja import NinjaAPI
from ninja.errors import HttpError
from ninja.errors import ValidationError as BadInput
from ninja.operation import Operation

from accountplans.api import router as accountplans
from accounts.api import router as people
from cadence.api import router as cadence
from dealdesk.api import router as dealdesk
from leads.api import router as leads
from marketing.api import router as marketing
from mdf.api import router as mdf
from partners.api import router as partners
from pipeline.api import router as pipeline
from planning.api import router as planning
from prm.api import idempotency, openapi
from prm.api.jobs import router as jobs
from prm.api.parser import Parser
from prm.api.problems import Problem, field_error, from_validation, invalid
from prm.api.webhooks import router as webhooks
from qbr.api import router as qbr
from scorecards.api import router as scorecards

log = logging.getLogger(__name__)


class Api(NinjaAPI):
    def get_openapi_operation_id(self, operation: Operation) -> str:
        return operation.view_func.__name__

    def get_openapi_schema(self, **kwargs: Any) -> Any:
        return openapi.document(self)


api = Api(title="Cadence", version="1", description=openapi.ABOUT, docs_url=None, parser=Parser(), urls_namespace="api")
for prefix_less in (
    people,
    partners,
    pipeline,
    scorecards,
    planning,
    leads,
    marketing,
    mdf,
    qbr,
    accountplans,
    dealdesk,
    cadence,
    jobs,
    webhooks,
):
    api.add_router("", prefix_less)


# ── Errors ───────────────────────────────────────────────────────────────────────────────────────────────────────────


@api.exception_handler(Problem)
def _problem(request: HttpRequest, error: Problem) -> HttpResponse:
    return error.response(request)


@api.exception_handler(Http404)
def _not_found(request: HttpRequest, error: Http404) -> HttpResponse:
    return Problem(404).response(request)


@api.exception_handler(PermissionDenied)
def _denied(request: HttpRequest, error: PermissionDenied) -> HttpResponse:
    return Problem(403, str(error)).response(request)


@api.exception_handler(ValidationError)
def _refused(request: HttpRequest, error: ValidationError) -> HttpResponse:
    return from_validation(error).response(request)


@api.exception_handler(BadInput)
def _bad_input(request: HttpRequest, error: BadInput) -> HttpResponse:
    found = []
    for each in error.errors:
        place, *path = each["loc"]
        # A body is one argument of the operation; its name is no part of what the client sent.
        inside = path[1:] if place in ("body", "form") else path
        found.append(field_error(".".join(map(str, inside)), each["msg"].removeprefix("Value error, "), place=place))
    return invalid(found).response(request)


@api.exception_handler(HttpError)
def _http_error(request: HttpRequest, error: HttpError) -> HttpResponse:
    if isinstance(error.__cause__, Problem):  # the parser's, wrapped
        return error.__cause__.response(request)
    return Problem(error.status_code, str(error)).response(request)


@api.exception_handler(RequestDataTooBig)
def _too_big(request: HttpRequest, error: RequestDataTooBig) -> HttpResponse:
    return Problem(413).response(request)


@api.exception_handler(SuspiciousOperation)
@api.exception_handler(MultiPartParserError)
def _suspicious(request: HttpRequest, error: Exception) -> HttpResponse:
    return Problem(400).response(request)


@api.exception_handler(Exception)
def _broken(request: HttpRequest, error: Exception) -> HttpResponse:
    log.error("%s %s failed", request.method, request.path, exc_info=error)
    return Problem(500).response(request)


# ── Addresses ────────────────────────────────────────────────────────────────────────────────────────────────────────


def _served(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """What every address does around its operation. Who may call it is the operation's own business (`auth`)."""

    @wraps(view)
    def serve(request: HttpRequest, **kwargs: Any) -> HttpResponse:
        try:
            if "\x00" in request.path:
                raise Http404
            response = idempotency.once(request, lambda: view(request, **kwargs))
        except Exception as error:
            response = api.on_exception(request, error)
        if response.status_code == 405:
            response = Problem(405, headers={"Allow": response["Allow"]}).response(request)
        response.headers.setdefault("Cache-Control", "no-store")
        patch_vary_headers(response, ["Authorization"])
        return response

    serve.csrf_exempt = True  # type: ignore[attr-defined]  # no cookie counts here
    serve.login_required = False  # type: ignore[attr-defined]
    return serve


urls = api.urls
for pattern in urls[0]:
    assert isinstance(pattern, URLPattern)
    pattern.callback = _served(pattern.callback)
