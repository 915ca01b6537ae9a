"""Words of sales data on the pages: {% load sales %}."""

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from pipeline import forms, targets
from pipeline.models import TargetVersion
from prm.common.fiscal import Period

register = template.Library()


@register.simple_tag
def period_name(period: Period) -> str:
    """A fiscal year or quarter by its label, a month in the reader's words."""
    return forms.period_name(period)


@register.simple_tag
def version_name(version: targets.Version) -> SafeString:
    """Where a version of targets came from and which it is."""
    source = TargetVersion.Source(version.source).label
    name = format_html("{} {}", source, version.number)
    return format_html("{}, {}", name, _("generated")) if version.generated else name
