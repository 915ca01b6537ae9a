"""Where the partner stands in the program, in plain words."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Need:
    """One requirement of the next tier: what there is, and what is missing."""

    name: str
    met: bool
    text: str


@dataclass(frozen=True)
class Step:
    text: str
    effort: str


@dataclass(frozen=True)
class Level:
    """`reason`: why nothing can be said; else the other fields hold. `next` is "" at the top."""

    reason: str = ""
    assigned: str = ""
    qualified: str = ""
    next: str = ""
    met: int = 0
    required: int = 0
    needs: tuple[Need, ...] = ()
    path: tuple[Step, ...] = ()
    path_note: str = ""
    override: str = ""
