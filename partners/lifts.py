"""Who may read what an action promises. A lift tells of the score it was worked out from, so the tool that keeps the score
says while it is not open to the reader."""

from collections.abc import Callable

from django.db.models import Case, DecimalField, Expression, F, Q, Value, When

from accounts.models import User

Rule = Callable[[User], Q]
_rules: list[Rule] = []


def hidden(rule: Rule) -> Rule:
    """Registers which actions' lift a user may not read (yet)."""
    _rules.append(rule)
    return rule


def readable(user: User) -> Expression | F:
    """The expected lift as far as the user may read it; null elsewhere."""
    cases = [When(rule(user), then=Value(None)) for rule in _rules]
    if not cases:
        return F("expected_lift")
    return Case(*cases, default=F("expected_lift"), output_field=DecimalField(max_digits=5, decimal_places=1))
