"""What forms of the answering page and of the summary send."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from prm.common.vendor import today
from scorecards import answers as rules
from scorecards.actions import Given, PlanItem
from scorecards.invitations import DUE_DAYS
from scorecards.models import Answer
from scorecards.proposal import ProposedTopic

OPTION = "o:"  # before an option's key, so that n/a can stand beside any key
NA = "na"
MAX_TITLE = 250
TICKED = 3  # topics of the proposed plan whose first action is ticked
TOPICS_OPEN = 5  # topics of the proposed plan shown at once; the rest unfold


def given(question_key: str, data: QueryDict) -> Given:
    """What was posted for a question: `a-<key>` options or n/a, `v-<key>` a value, `c-<key>` comment, `e-<key>` evidence.

    `part` = `more` says that only comment or evidence is sent, and the choice stays as it is.
    """
    chosen = data.getlist(f"a-{question_key}")
    return Given(
        options=tuple(value.removeprefix(OPTION) for value in chosen if value.startswith(OPTION)),
        value=data.get(f"v-{question_key}", "").strip(),
        na=NA in chosen,
        comment=data.get(f"c-{question_key}"),
        evidence_url=data.get(f"e-{question_key}"),
        keep_choice=data.get("part") == "more",
    )


def revision(data: QueryDict) -> int:
    """The revision a posted form shows, or that a page asks the changes since; -1 for none."""
    text = data.get("revision", "")
    return int(text) if text.isdecimal() and len(text) < 10 else -1


def typed(question_key: str, data: QueryDict) -> Answer:
    """What was posted for a question as an unsaved answer, so that a refused one is shown as it was typed."""
    posted = given(question_key, data)
    return Answer(
        question_key=question_key, options=list(posted.options), value=posted.value, na=posted.na,
        comment=posted.comment or "", evidence_url=posted.evidence_url or "",
    )  # fmt: skip


def says_something(answer: Given) -> bool:
    """Whether anything was given that is worth keeping: a form without script sends every question of the topic."""
    return bool(answer.comment or answer.evidence_url) or rules.is_answered(
        rules.Answer(options=answer.options, value=answer.value, na=answer.na)
    )


class PlanForm(forms.Form):
    """The proposed action plan: for each action whether to take it, its words, owner and date."""

    def __init__(
        self,
        plan: Sequence[ProposedTopic],
        owners: Sequence[User],
        live: Mapping[str, int],
        by: User,
        data: QueryDict | None = None,
    ) -> None:
        """`live`: how many actions are open for a topic already; what is in hand is not proposed twice by a tick."""
        super().__init__(data)
        self.plan = plan
        self.live = live
        fresh = [topic.key for topic in plan if topic.actions and not live.get(topic.key)][:TICKED]
        self.owners = {user.pk: user for user in owners}
        choices = [("", _("Nobody yet")), *((pk, user.display_name) for pk, user in self.owners.items())]
        for topic in plan:
            for number, action in enumerate(topic.actions):
                key = action.question
                self.fields[f"take-{key}"] = forms.BooleanField(
                    required=False, label=_("Take on"), initial=topic.key in fresh and number == 0
                )
                self.fields[f"title-{key}"] = forms.CharField(
                    label=_("Action"), required=False, max_length=MAX_TITLE, initial=short(action.text),
                    widget=forms.Textarea(attrs={"rows": 2}),
                )  # fmt: skip
                self.fields[f"owner-{key}"] = forms.TypedChoiceField(
                    label=_("Owner"), required=False, choices=choices, coerce=int, empty_value=None, initial=by.pk
                )
                self.fields[f"due-{key}"] = forms.DateField(
                    label=_("Due"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
                )

    def topics(self) -> list[dict[str, Any]]:
        """For the template: each topic with its actions and their fields."""
        return [
            {
                "topic": topic,
                "live": self.live.get(topic.key, 0),
                "actions": [
                    {
                        "action": action,
                        "take": self[f"take-{action.question}"],
                        "title": self[f"title-{action.question}"],
                        "owner": self[f"owner-{action.question}"],
                        "due": self[f"due-{action.question}"],
                    }
                    for action in topic.actions
                ],
            }
            for topic in self.plan
            if topic.actions
        ]

    @property
    def shown(self) -> list[dict[str, Any]]:
        return self.topics()[:TOPICS_OPEN]

    @property
    def rest(self) -> list[dict[str, Any]]:
        return self.topics()[TOPICS_OPEN:]

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        for key in self._taken():
            if not data.get(f"title-{key}", "").strip() and f"title-{key}" not in self.errors:
                self.add_error(f"title-{key}", _("Say what is to be done."))
        if not self._taken() and not self.errors:
            raise forms.ValidationError(_("Tick at least one action."))
        return data

    def _taken(self) -> list[str]:
        keys = [action.question for topic in self.plan for action in topic.actions]
        return [key for key in keys if self.cleaned_data.get(f"take-{key}")]

    def items(self) -> list[PlanItem]:
        data = self.cleaned_data

        def due(key: str) -> dt.date | None:
            found: dt.date | None = data[f"due-{key}"]
            return found

        return [
            PlanItem(key, data[f"title-{key}"], self.owners.get(data[f"owner-{key}"]), due(key))
            for key in self._taken()
        ]


class InviteForm(forms.Form):
    user = forms.ModelChoiceField(label=_("Whom"), queryset=User.objects.none(), empty_label=None)
    due_on = forms.DateField(
        label=_("By when"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=_("The link works until the end of that day; three working days before, one reminder goes out."),
    )
    update = forms.BooleanField(
        label=_("Quarterly update"),
        help_text=_("Asks only what is below best practice, older than a year or has an open action; first time: all."),
        required=False,
    )
    message = forms.CharField(
        label=_("A word from you (optional)"), required=False, max_length=1000, widget=forms.Textarea(attrs={"rows": 3})
    )

    def __init__(self, people: Any, data: QueryDict | None = None) -> None:
        super().__init__(data)
        field: Any = self.fields["user"]
        field.queryset = people
        day = today()
        self.fields["due_on"].initial = day + dt.timedelta(days=DUE_DAYS)
        self.fields["due_on"].widget.attrs["min"] = day.isoformat()


def short(text: str) -> str:
    """A suggested action as the title of an action: cut at a word where it is too long."""
    text = " ".join(text.split())
    return text if len(text) <= MAX_TITLE else text[: MAX_TITLE - 1].rsplit(" ", 1)[0] + "…"
