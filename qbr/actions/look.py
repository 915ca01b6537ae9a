"""What decks look like: the vendor's template, partners' logos, the usual slides."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.permissions import Permission
from partners.models import Partner
from prm.common import audit, events, logo, uploads
from prm.common.actions import SettingsChanged
from prm.common.models import Policy
from prm.common.vendor import today
from qbr import drawing
from qbr.actions.common import must_reach
from qbr.choices import POLICY, Usual, known_key, whole_order
from qbr.content import KEYS
from qbr.models import PartnerLogo, Template
from qbr.refusals import Closed, NotAllowed

MOST_TEMPLATES = 20


def _must_rule(by: User) -> None:
    if not by.can(Permission.EDIT_QBR_TEMPLATE):
        raise NotAllowed(_("You may not change what decks look like."))


@transaction.atomic
def add_template(*, by: User, name: str, content: bytes) -> Template:
    """Keeps an uploaded PowerPoint file, once it is checked; it isn't used before `use_template`. ValidationError says why it is refused."""
    _must_rule(by)
    if Template.objects.count() >= MOST_TEMPLATES:
        raise ValidationError({"file": _("Remove one first: %(n)s templates are the most.") % {"n": MOST_TEMPLATES}})
    report = drawing.checked_template(content)
    ending = "potx" if name.lower().endswith(".potx") else "pptx"
    row = Template(
        name=uploads.clean_name(name),
        size=len(content),
        digest=hashlib.sha256(content).hexdigest(),
        report=report,
        uploaded_by=by,
    )
    row.file.save(f"template.{ending}", ContentFile(content), save=False)
    row.save()
    audit.record(by=by, verb="qbr_template.added", target=row)
    return row


@transaction.atomic
def use_template(*, by: User, template: Template | None) -> None:
    """What decks are drawn on from now on; None: the product's own."""
    _must_rule(by)
    rows = Template.objects.select_for_update()
    before = rows.filter(active=True).first()
    if before is not None:
        if template is not None and before.pk == template.pk:
            return
        before.active = False
        before.save(update_fields=["active"])
    if template is None:
        if before is not None:
            audit.record(by=by, verb="qbr_template.used", target=before, changes={"active": [True, False]})
        return
    found = rows.filter(pk=template.pk).first()
    if found is None:
        raise NotAllowed(_("This template was removed."))
    found.active = True
    found.save(update_fields=["active"])
    audit.record(by=by, verb="qbr_template.used", target=found, changes={"active": [False, True]})


@transaction.atomic
def remove_template(*, by: User, template: Template) -> None:
    """Closed while it is in use. Decks that were built on it stay as they are."""
    _must_rule(by)
    found = Template.objects.select_for_update().filter(pk=template.pk).first()
    if found is None:
        return
    if found.active:
        raise Closed(_("This template is in use. Put another to use first."))
    audit.record(by=by, verb="qbr_template.removed", target=found)
    storage, file = found.file.storage, found.file.name or ""
    found.delete()
    transaction.on_commit(lambda: storage.delete(file))


@transaction.atomic
def set_logo(*, by: User, partner: Partner, content: bytes) -> PartnerLogo:
    """Puts a picture beside the vendor's logo on this partner's decks. ValidationError where it is none."""
    must_reach(by, partner)
    try:
        picture = logo.as_png(content)
    except ValidationError as error:
        raise ValidationError({"logo": error.messages}) from error
    rows = PartnerLogo.objects.unscoped("of one partner in reach").select_for_update()
    row = rows.filter(partner=partner).first() or PartnerLogo(partner=partner)
    storage, before = row.file.storage, row.file.name or ""
    row.uploaded_by = by
    row.file.save("logo.png", ContentFile(picture), save=False)
    row.save()
    if before:
        transaction.on_commit(lambda: storage.delete(before))
    audit.record(by=by, verb="partner_logo.set", target=row)
    return row


@transaction.atomic
def remove_logo(*, by: User, partner: Partner) -> None:
    must_reach(by, partner)
    row = PartnerLogo.objects.unscoped("of one partner in reach").filter(partner=partner).first()
    if row is None:
        return
    audit.record(by=by, verb="partner_logo.removed", target=row)
    storage, file = row.file.storage, row.file.name or ""
    row.delete()
    transaction.on_commit(lambda: storage.delete(file))


@transaction.atomic
def set_slides(*, by: User, starts_on: dt.date, order: Iterable[str], off: Iterable[str]) -> Policy:
    """The usual slides from a day on, today or later; one version that starts the same day is replaced. Drafts whose slides somebody
    ordered or switched keep those. NotAllowed, ValidationError by field."""
    _must_rule(by)
    if starts_on < today():
        raise ValidationError({"starts_on": _("Choose today or a later day.")})
    named, without = [known_key(key) for key in order], frozenset(known_key(key) for key in off)
    if len(without) == len(KEYS):
        raise ValidationError({"slides": _("Leave at least one slide on.")})
    data = Usual(whole_order(named), without).document()
    row, made = Policy.objects.select_for_update().get_or_create(
        kind=POLICY, starts_on=starts_on, defaults={"data": data, "created_by": by}
    )
    before = {} if made else row.data
    if not made:
        row.data, row.created_by = data, by
        row.save(update_fields=["data", "created_by"])
    audit.record(by=by, verb="qbr_slides.set", target=row, changes=audit.changes_between(before, data))
    events.send(SettingsChanged(frozenset({POLICY})))
    return row
