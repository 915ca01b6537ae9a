"""Reviews of a partner: one begun, one held and shared with both kinds of versions; a batch; what decks are drawn on."""

import datetime as dt
import io

from django.db import transaction
from PIL import Image

from accounts.models import User
from accounts.permissions import Role
from partners.models import Partner
from prm.common.jobs import JobContext
from prm.common.models import Job, Policy
from prm.common.vendor import today
from prm.documents import pptx_template
from qbr import actions, tasks
from qbr.actions.drafting import quarters
from qbr.choices import Usual
from qbr.models import Batch, BatchItem, Qbr, Version
from tests.world import World


def furnish_decks(world: World) -> None:
    """A template that isn't in use, and usual slides to come."""
    admin = world.users[Role.ADMIN]
    actions.add_template(by=admin, name="Corporate.pptx", content=pptx_template.BASE.read_bytes())
    data = Usual(off=frozenset({"appendix"})).document()
    Policy.objects.create(kind="qbr_slides", starts_on=today() + dt.timedelta(days=50), data=data, created_by=admin)


def review(partner: Partner, cam: User, champion: User) -> None:
    """May be called again: then of other quarters."""
    free = quarters()[Qbr.everything.filter(partner=partner).count() :]
    begun = actions.start(partner=partner, by=cam, quarter=free[0].key)
    actions.change(qbr=begun, by=cam, commentary={"glance": ["Ours to say."]})
    due = today() + dt.timedelta(days=40)
    actions.commit(qbr=begun, by=cam, side="partner", owner=champion, text="Name a sponsor", due_on=due)
    held = actions.start(partner=partner, by=cam, quarter=free[1].key)
    actions.commit(qbr=held, by=cam, side="vendor", owner_name="Our lawyer", text="Send the contract", due_on=due)
    version = _built(held, cam)
    Version.objects.create(
        qbr=held, number=2, kind="vendor", content={**version.content, "marked": "Vendor copy"}, slides=version.slides,
        pptx=version.pptx.name, pdf=version.pdf.name, as_of=version.as_of, built_by=cam,
    )  # fmt: skip
    people = [actions.Person("vendor", user=cam), actions.Person("partner", name="Pat Example")]
    actions.hold(qbr=held, by=cam, held_on=today(), people=people)
    actions.share(qbr=held, by=cam, version=version, to=[champion], message="Thank you for the day")
    later = actions.commit(qbr=held, by=cam, side="vendor", owner=cam, text="Call in May", due_on=due)
    later.action = None  # as if it were still to come, so that there is one to change
    later.save(update_fields=["action"])
    batch = Batch.objects.create(quarter=held.quarter, created_by=cam)
    BatchItem.objects.create(batch=batch, partner=partner, job=_job(held, cam, Job.State.FAILED), version=version)
    BatchItem.objects.create(
        batch=Batch.objects.create(quarter=begun.quarter, created_by=cam), partner=partner,
        job=_job(begun, cam, Job.State.FAILED),
    )  # fmt: skip
    logo = io.BytesIO()
    Image.new("RGB", (40, 20), "navy").save(logo, "PNG")
    actions.set_logo(by=cam, partner=partner, content=logo.getvalue())


def _job(qbr: Qbr, cam: User, state: str) -> Job:
    params = {"qbr": qbr.pk, "kind": "partner"}
    ended = "All slides are switched off." if state == Job.State.FAILED else ""
    return Job.objects.create(
        kind="qbr.build_of_batch", title="QBR", params=params, created_by=cam, state=state, error=ended
    )


def _built(qbr: Qbr, cam: User) -> Version:
    with transaction.atomic():  # as a worker does
        return tasks.build_version(JobContext(_job(qbr, cam, Job.State.DONE), side_connection=False))
