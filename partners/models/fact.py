from django.db import models

from partners.models.partner import Partner
from prm.common.scoping import PartnerOwned


class Fact(PartnerOwned):
    """One figure of a partner for a month: what roll-ups add up. Derived; rebuilt from the sources in `partners.facts`."""

    partner = models.ForeignKey(Partner, models.CASCADE, related_name="facts", db_index=False)
    month = models.DateField()  # its first day
    metric = models.CharField(max_length=60)
    value = models.DecimalField(max_digits=20, decimal_places=6)
    currency = models.CharField(max_length=3, blank=True)  # of money; else ""

    class Meta:
        ordering = ["partner", "metric", "month", "currency"]
        constraints = [
            models.UniqueConstraint(fields=["partner", "metric", "month", "currency"], name="fact_once"),
            models.CheckConstraint(condition=models.Q(month__day=1), name="fact_month_is_first_day"),
        ]
        indexes = [
            models.Index(fields=["metric", "month"], include=["partner", "value", "currency"], name="fact_rollup")
        ]

    def __str__(self) -> str:
        return f"{self.metric} {self.month:%Y-%m}: {self.value}"
