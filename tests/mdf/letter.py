"""A mail of an approval, for tests about when it leaves: imported, it registers itself."""

from typing import Any

from mdf.models import Request
from mdf.telling import hears
from prm.common import mail

TO = "told@partner.example"


@hears("request.approved")
def told(of: Any, **more: Any) -> None:
    if isinstance(of, Request) and of.submitted_by is not None:
        context = {"url": "", "days": 1, "user": of.submitted_by}
        mail.send(to=TO, template="link_renewed", context=context)
