"""What decks look like, among the settings: the vendor's PowerPoint template, and the usual slides."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.access import vendor
from accounts.permissions import Permission as P
from prm.common import actions as common
from prm.common.models import Policy
from prm.common.saving import saved
from prm.common.uploads import MOST_BYTES
from prm.common.vendor import today, vendor_settings
from prm.documents.pptx_sketch import sketches
from qbr import actions, drawing, sample
from qbr.choices import POLICY, usual, usual_of
from qbr.forms import SlidesForm, TemplateForm
from qbr.labels import SLIDES
from qbr.models import Template
from qbr.views.deck import TYPES
from qbr.views.finding import done


@vendor(P.EDIT_QBR_TEMPLATE)
def look(request: HttpRequest) -> HttpResponse:
    """The templates there are, and the form for another."""
    request.section = "settings"
    form = TemplateForm(*([request.POST, request.FILES] if request.method == "POST" else []))
    if form.is_valid() and (made := _added(request, form)):
        messages.success(request, _("Checked and kept. Look at the sample, then put it to use."))
        return redirect("qbr:template", made.pk)
    now = usual(today())
    context = {
        "form": form,
        "templates": Template.objects.select_related("uploaded_by"),
        "active": Template.objects.filter(active=True).first(),
        "slides": [(SLIDES[key], key not in now.off) for key in now.order],
    }
    return render(request, "qbr/look.html", context, status=422 if form.is_bound else 200)


def _added(request: HttpRequest, form: TemplateForm) -> Template | None:
    """None where the file is refused: then the form says why."""
    upload = form.cleaned_data["file"]
    try:
        if upload.size > MOST_BYTES:
            raise ValidationError({"file": _("The file has more than %(n)s MB.") % {"n": MOST_BYTES // 2**20}})
        return actions.add_template(by=request.user, name=upload.name, content=upload.read())
    except ValidationError as error:
        form.add_error(None, error)
        return None


@vendor(P.EDIT_QBR_TEMPLATE)
def template(request: HttpRequest, pk: int) -> HttpResponse:
    """What the check found in one, with each layout drawn and a sample to download."""
    request.section = "settings"
    found = get_object_or_404(Template.objects.select_related("uploaded_by"), pk=pk)
    context = {
        "template": found,
        "report": found.report,
        "sketches": sketches(drawing.content_of(found)),
        "crumbs": [(_("QBR decks"), reverse("qbr:look"))],
    }
    return render(request, "qbr/template.html", context)


@vendor(P.EDIT_QBR_TEMPLATE)
@require_POST
def use(request: HttpRequest) -> HttpResponse:
    """Puts one to use, or (none given) the product's own again."""
    asked = request.POST.get("template", "")
    found = get_object_or_404(Template, pk=int(asked)) if asked.isdecimal() and len(asked) < 10 else None
    done(request, actions.use_template, template=found, said=_("Saved: the next builds are drawn on it."))
    return redirect("qbr:look")


@vendor(P.EDIT_QBR_TEMPLATE)
@require_POST
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    done(request, actions.remove_template, template=get_object_or_404(Template, pk=pk), said=_("Removed."))
    return redirect("qbr:look")


@vendor(P.EDIT_QBR_TEMPLATE)
def try_out(request: HttpRequest, pk: int) -> HttpResponse:
    """A sample deck with slides of every kind on this template, in made-up figures."""
    found = get_object_or_404(Template, pk=pk)
    content = drawing.draw_pptx(sample.deck(vendor_settings()), drawing.content_of(found))
    response = HttpResponse(content, content_type=TYPES["pptx"])
    response["Content-Disposition"] = 'attachment; filename="sample.pptx"'
    return response


# ── The usual slides ─────────────────────────────────────────────────────────────────────────────────────────────────


@vendor(P.EDIT_QBR_TEMPLATE)
def slides(request: HttpRequest) -> HttpResponse:
    """The order and set that drafts begin with, from a day on."""
    request.section = "settings"
    now, day = usual(today()), today()
    form = SlidesForm(request.POST or None, order=now.order, off=now.off, labels=SLIDES, day=day)
    if form.is_valid():
        given = {"starts_on": form.cleaned_data["starts_on"], "order": form.order, "off": form.off}
        if saved(form, actions.set_slides, by=request.user, **given):
            messages.success(request, _("Saved."))
            return redirect("qbr:slides_policy")
    versions = Policy.objects.filter(kind=POLICY).select_related("created_by").order_by("-starts_on")
    context = {
        "form": form,
        "today": day,
        "versions": [(row, _off_words(row.data)) for row in versions],
        "crumbs": [(_("QBR decks"), reverse("qbr:look"))],
    }
    return render(request, "qbr/slides_policy.html", context, status=422 if form.is_bound else 200)


def _off_words(data: dict[str, Any]) -> str:
    found = usual_of(data)
    return ", ".join(str(SLIDES[key]) for key in found.order if key in found.off)


@vendor(P.EDIT_QBR_TEMPLATE)
@require_POST
def remove_slides(request: HttpRequest, pk: int) -> HttpResponse:
    """A version that is still to start."""
    found = get_object_or_404(Policy, pk=pk, kind=POLICY)
    try:
        common.remove_policy(by=request.user, policy=found)
    except ValidationError as error:
        messages.error(request, error.messages[0])
    return redirect("qbr:slides_policy")
