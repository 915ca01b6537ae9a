"""The OpenAPI document: ninja's, with what it can't know: scopes, errors as problems, Idempotency-Key, where lists go on."""

from functools import cache
from typing import TYPE_CHECKING, Any

from ninja.openapi.schema import OpenAPISchema

from prm.api import idempotency
from prm.api.auth import Allowed
from prm.api.problems import CONTENT_TYPE
from prm.api.schemas import ProblemOut

if TYPE_CHECKING:
    from prm.api.site import Api

PREFIX = "api/v1/"
SCHEME = "bearerAuth"
ABOUT = (
    "Everything a person can do on the pages, with the same permissions: a token acts as its user, within its scopes. "
    "Errors are problem documents (RFC 9457); lists come in pages and go on at `next`; a POST with an `Idempotency-Key` is "
    "done once. Amounts and scores are decimal strings, dates ISO 8601, moments in UTC."
)


@cache
def document(api: "Api") -> dict[str, Any]:
    """The OpenAPI 3.1 document of all operations. The same for every vendor."""
    drawn = OpenAPISchema(api, PREFIX)
    operations = {
        (id_of(api, op)): op
        for bound in api._get_bound_routers()
        for view in bound.path_operations.values()
        for op in view.operations
    }
    for methods in drawn["paths"].values():
        for method, details in methods.items():
            _complete(method, details, operations[details["operationId"]].auth_callbacks)
    components = drawn["components"]
    components["schemas"]["Problem"] = ProblemOut.model_json_schema() | {"title": "Problem"}
    problem = {
        "description": "A problem",
        "content": {CONTENT_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
    components["responses"] = {"Problem": problem}
    components["securitySchemes"] = {SCHEME: {"type": "http", "scheme": "bearer", "description": "An API token."}}
    return dict(drawn)


def id_of(api: "Api", operation: Any) -> str:
    return str(operation.operation_id or api.get_openapi_operation_id(operation))


def _complete(method: str, details: dict[str, Any], auth: Any) -> None:
    details["responses"]["4XX"] = {"$ref": "#/components/responses/Problem"}
    details["responses"]["5XX"] = {"$ref": "#/components/responses/Problem"}
    allowed = next((each for each in auth if isinstance(each, Allowed)), None)
    if allowed is None:
        details["security"] = []
        return
    details["security"] = [{SCHEME: [allowed.scope.value] if allowed.scope else []}]
    details["x-permissions"] = {
        "vendor": _permission(allowed, allowed.vendor),
        "partner": _permission(allowed, allowed.portal),
    }
    if method == "post":
        details["parameters"].append(
            {
                "in": "header",
                "name": idempotency.HEADER,
                "required": False,
                "description": "Sent again with the same key and body, the request is not done again and gets the same answer.",
                "schema": {"type": "string", "minLength": 1, "maxLength": idempotency.LONGEST},
            }
        )


def _permission(allowed: Allowed, permission: Any) -> str | None:
    """The permission a side needs; null where it has no business, "" where it needs none."""
    return "" if allowed.everybody else permission.value if permission else None
