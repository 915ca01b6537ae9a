"""What slides and states are called outside of the deck: in lists, settings and refusals."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

SLIDES = {
    "title": _("Title"),
    "agenda": _("Agenda"),
    "glance": _("Partner at a glance"),
    "summary": _("Executive summary"),
    "commitments": _("Last quarter’s commitments"),
    "performance": _("Performance to plan"),
    "pipeline": _("Pipeline to target"),
    "deals": _("Deals"),
    "level": _("Program level"),
    "capabilities": _("Capabilities"),
    "capability_goals": _("Capability goals and actions"),
    "marketing": _("Marketing"),
    "accounts": _("Accounts and whitespace"),
    "leads": _("Leads"),
    "objectives": _("The partner’s objectives"),
    "business_plan": _("Business plan"),
    "next": _("Next quarter"),
    "appendix": _("Appendix"),
}
