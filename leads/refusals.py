"""Why something can't be done with a lead. Each says it in words for the person who tried."""


class Refused(Exception):
    """`str()` of it is a sentence for people."""


class TooLate(Refused):
    """The offer has ended: not answered in time, withdrawn, or somebody else answered first."""


class NotNow(Refused):
    """The lead is not in a state for this (somebody did something else with it meanwhile)."""


class NoRoom(Refused):
    """The partner has no place free for another lead."""
