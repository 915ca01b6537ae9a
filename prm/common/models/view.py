from django.conf import settings
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _


class SavedView(models.Model):
    """A page with its filter under a name: one's own, or for everybody on the vendor's side who may open the page."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="saved_views")
    page = models.CharField(max_length=60)  # the name of the page's address, "scorecards:rollup"
    name = models.CharField(_("name"), max_length=60)
    query = models.CharField(max_length=2000, blank=True)
    shared = models.BooleanField(_("for everybody"), default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = [Lower("name"), "id"]
        constraints = [
            models.UniqueConstraint(
                "owner",
                "page",
                Lower("name"),
                name="saved_view_name_once",
                violation_error_message=_("You have a view with this name already."),
            )
        ]
        indexes = [models.Index(fields=["page"])]

    def __str__(self) -> str:
        return self.name
