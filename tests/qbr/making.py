"""Reviews made by the tools' own actions."""

import datetime as dt

from django.db import connection

from accounts.models import User
from partners.models import Partner
from prm.common import jobs
from prm.common.models import Job
from prm.common.vendor import today
from prm.tenancy.tasks import HEADER
from qbr import actions
from qbr.models import Attendee, Qbr, Version
from tests.world import World


def run(job: Job) -> Job:
    """Does the job's work here."""
    jobs.run_job.apply(args=(str(job.pk),), headers={HEADER: connection.schema_name}, throw=True)
    job.refresh_from_db()
    return job


def built(world: World, cam: User, partner: Partner | None = None, kind: str = "partner") -> Version:
    """The next version of the usual quarter's review."""
    qbr = actions.start(partner=partner or world.partner_a, by=cam)
    job = run(actions.build(qbr=qbr, by=cam, kind=kind))
    assert job.state == Job.State.DONE, job.error
    return Version.everything.filter(qbr=qbr).latest("number")


def people(cam: User) -> list[actions.Person]:
    return [actions.Person("vendor", user=cam), actions.Person("partner", name="Pat Example")]


def held(world: World, cam: User, partner: Partner | None = None) -> Qbr:
    version = built(world, cam, partner)
    return actions.hold(qbr=version.qbr, by=cam, held_on=today(), people=people(cam))


def names(qbr: Qbr) -> set[str]:
    return set(Attendee.everything.filter(qbr=qbr).values_list("name", flat=True))


def in_days(days: int) -> dt.date:
    return today() + dt.timedelta(days=days)
