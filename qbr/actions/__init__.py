"""What can be done to QBRs."""

from qbr.actions.agreeing import Person, change_commitment, commit, hold, remove_commitment
from qbr.actions.building import again, build, build_all, resume, stop
from qbr.actions.drafting import change, start
from qbr.actions.look import (
    add_template,
    remove_logo,
    remove_template,
    set_logo,
    set_slides,
    use_template,
)
from qbr.actions.sharing import share, unshare
from qbr.refusals import Changed, Closed, NotAllowed, Refused

__all__ = [
    "Changed", "Closed", "NotAllowed", "Person", "Refused", "add_template", "again", "build", "build_all", "change",
    "change_commitment", "commit", "hold", "remove_commitment", "remove_logo", "remove_template", "resume", "set_logo",
    "set_slides", "share", "start", "stop", "unshare", "use_template",
]  # fmt: skip
