"""What new plans start from: benchmarks by partner type and size."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from accounts.permissions import Permission
from partners.models import PartnerType
from partners.queries import lock
from planning import defaults, document, reading
from planning.document import Invalid
from planning.models import PlanBenchmark
from planning.refusals import Changed, NotAllowed
from prm.common import audit
from prm.common.currencies import MINOR_UNITS
from prm.common.vendor import vendor_settings

audit.VERBS.update(
    {
        "plan_benchmark.set": gettext_lazy("Benchmark of business plans set"),
        "plan_benchmark.removed": gettext_lazy("Benchmark of business plans removed"),
    }
)


@transaction.atomic
def set_benchmark(
    *,
    by: User | None,
    partner_type: PartnerType | None,
    size: str,
    currency: str,
    content: Mapping[str, Any],
    base: str | None = None,
) -> PlanBenchmark:
    """Makes the benchmark of a type (None: any) and size ("": any), or gives the one there is another content.

    `content` holds assumptions as a plan's document does, without texts. `base`: the `reading.digest` of the content the person
    started from; Changed where somebody changed it since. Raises document.Invalid; `by` None is the system.
    """
    _allowed(by)
    lock("plan benchmarks")
    if size and size not in PlanBenchmark.Size.values:
        raise Invalid({"size": _("There is no such size.")})
    if currency not in MINOR_UNITS:
        raise Invalid({"currency": _("Choose a currency.")})
    if "texts" in content:
        raise Invalid({"texts": _("A benchmark has no texts.")})
    written = document.write(document.read(content, reading.places(currency)))
    del written["texts"]
    row = PlanBenchmark.objects.filter(partner_type=partner_type, size=size).first()
    before = row.content if row else None
    if row and base is not None and reading.digest(row.content) != base:
        message = _("Somebody changed this benchmark while you were typing. Nothing of yours is saved yet.")
        raise Changed(message, {"content": row.content})
    row = row or PlanBenchmark(partner_type=partner_type, size=size)
    if before == written and row.currency == currency:
        return row
    row.content, row.currency, row.updated_by = written, currency, by
    row.full_clean(exclude={"updated_by", "content"})
    row.save()
    changes = {name: [len((before or {}).get(name, [])), len(written[name])] for name in document.GROUPS}
    audit.record(by=by, verb="plan_benchmark.set", target=row, changes=changes)
    return row


@transaction.atomic
def remove_benchmark(*, by: User, benchmark: PlanBenchmark) -> None:
    """Removes it: plans then start from a less specific one. ValidationError for the one that holds for all."""
    _allowed(by)
    if benchmark.partner_type_id is None and not benchmark.size:
        raise ValidationError(_("The benchmark for all partners stays: change it instead."))
    audit.record(by=by, verb="plan_benchmark.removed", target=benchmark)
    benchmark.delete()


@transaction.atomic
def make_missing_benchmarks() -> None:
    """The default benchmarks, for a vendor that has none: a new one, and one from before there were business plans."""
    if PlanBenchmark.objects.exists():
        return
    currency = vendor_settings().reporting_currency
    set_benchmark(by=None, partner_type=None, size="", currency=currency, content=defaults.general())
    for row in PartnerType.objects.order_by("order", "id"):
        content = defaults.benchmark(row.key)
        if content is not None:
            set_benchmark(by=None, partner_type=row, size="", currency=currency, content=content)


def _allowed(by: User | None) -> None:
    if by is not None and not by.can(Permission.EDIT_BENCHMARKS):
        raise NotAllowed(_("You may not change what plans start from."))
