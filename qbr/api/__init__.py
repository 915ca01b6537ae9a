"""The API over QBRs: drafts, builds and their files, the meeting, commitments, batches."""

from ninja import Router

from qbr.api.batches import router as batches
from qbr.api.commitments import router as commitments
from qbr.api.reviews import router as reviews

router = Router()
for each in (reviews, commitments, batches):
    router.add_router("", each)
