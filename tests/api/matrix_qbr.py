"""What the operations of QBRs stand for in the matrix."""

import datetime as dt

from django.core.files.base import ContentFile

from accounts.permissions import Role
from prm.common.vendor import today
from prm.documents.slides import Deck
from qbr import actions
from qbr.actions.drafting import quarters
from qbr.frozen import freeze
from qbr.models import Batch, BatchItem, Qbr, Version


def _due():
    return today() + dt.timedelta(days=30)


def _fresh(world, partner):
    """One in a quarter that has none, built."""
    taken = set(Qbr.everything.filter(partner=partner).values_list("quarter", flat=True))
    key = next((quarter.key for quarter in quarters() if quarter.key not in taken), None)
    if key is None:
        Qbr.everything.filter(partner=partner).delete()
        key = quarters()[0].key
    qbr = actions.start(partner=partner, by=world.users[Role.ADMIN], quarter=key)
    content = freeze(Deck("QBR", "", "Acme", partner.name, "en"))
    made = Version(qbr=qbr, number=1, content=content, slides=1, as_of=today(), built_by=partner.cam)
    made.pptx.save("deck.pptx", ContentFile(b"PK"), save=False)
    made.pdf.save("deck.pdf", ContentFile(b"%PDF-"), save=False)
    made.save()
    Qbr.everything.filter(pk=qbr.pk).update(state="built")
    qbr.refresh_from_db()
    return qbr


def _held(world, partner):
    qbr, admin = _fresh(world, partner), world.users[Role.ADMIN]
    people = [actions.Person("vendor", user=admin), actions.Person("partner", name="Pat Example")]
    return actions.hold(qbr=qbr, by=admin, held_on=today(), people=people)


def _shared(world, partner):
    qbr = _held(world, partner)
    actions.share(qbr=qbr, by=world.users[Role.ADMIN])
    return qbr


def _qbr(make):
    return lambda world, partner, user: {"qbr_id": make(world, partner).pk}


def _version(world, partner, user):
    return {"qbr_version_id": Version.everything.get(qbr=_shared(world, partner)).pk, "ending": "pptx"}


def _commitment(world, partner, user):
    row = actions.commit(
        qbr=_fresh(world, partner), by=world.users[Role.ADMIN], side="vendor", owner_name="Ann", text="Visit",
        due_on=_due(),
    )  # fmt: skip
    return {"commitment_id": row.pk}


def _batch(world, partner, user):
    batch = Batch.objects.create(quarter=quarters()[1].key, created_by=world.users[Role.ADMIN])
    BatchItem.objects.create(batch=batch, partner=partner)
    return {"batch_id": batch.pk}


def _meeting(world, partner):
    people = [{"side": "vendor", "name": "Ann"}, {"side": "partner", "name": "Pat"}]
    return {"held_on": today().isoformat(), "people": people}


def _agreed(world, partner):
    return {"side": "vendor", "text": "Visit", "due_on": _due().isoformat(), "owner_name": "Ann"}


def calls(call, partner, body):
    """By operation; the arguments are the matrix's own helpers."""
    return {
        "list_qbrs": call(),
        "start_qbr": call(partner, body(), owned=True),
        "get_qbr": call(_qbr(_shared), owned=True),
        "choose_for_qbr": call(_qbr(_fresh), body(switched={"leads": False}), owned=True),
        "list_qbr_slides": call(_qbr(_fresh), owned=True),
        "build_qbr": call(_qbr(_fresh), body(), owned=True),
        "get_qbr_file": call(_version, owned=True),
        "hold_qbr": call(_qbr(_fresh), _meeting, owned=True),
        "share_qbr": call(_qbr(_held), body(), owned=True),
        "unshare_qbr": call(_qbr(_shared), owned=True),
        "list_qbr_commitments": call(_qbr(_shared), owned=True),
        "add_qbr_commitment": call(_qbr(_fresh), _agreed, owned=True),
        "change_qbr_commitment": call(_commitment, body(text="Visit twice"), owned=True),
        "remove_qbr_commitment": call(_commitment, owned=True),
        "build_qbrs": call(body=lambda world, partner: {"partners": [partner.pk]}),
        "get_qbr_batch": call(_batch, owned=True),
    }
