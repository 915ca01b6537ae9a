"""The forms of the questionnaire builder: one each for the questionnaire's name, a category, a topic, and a question."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from scorecards.catalogue import Conditions
from scorecards.definition import (
    MAX_KEY,
    MAX_LONG,
    MAX_NAME,
    MAX_OPTIONS,
    MAX_QUESTION,
    Category,
    Option,
    Problem,
    Question,
    Questionnaire,
    QuestionType,
    Topic,
    option_key,
)
from scorecards.editing import Level, first_options, first_question, propose_key
from scorecards.questionnaire_build import NUMBER

TYPES = (
    (QuestionType.GRADUATED.value, _l("Scored: choose one")),
    (QuestionType.MULTI.value, _l("Scored: choose any, points add up")),
    (QuestionType.CHOOSE_ONE.value, _l("Not scored: choose one")),
    (QuestionType.CHOOSE_ANY.value, _l("Not scored: choose any")),
    (QuestionType.NUMBER.value, _l("Not scored: a number")),
    (QuestionType.TEXT.value, _l("Not scored: a text")),
)
LEVELS = (_l("No"), _l("Beginnings"), _l("Partly"), _l("Mostly"), _l("Fully"))  # of a new question
WEIGHT = _l("Above 0: how much it counts beside the others.")
KEY_MADE = _l("Empty: made from the name. Joins answers across versions.")


def level_labels() -> list[str]:
    return [str(label) for label in LEVELS]


def as_typed(value: Decimal | None) -> str:
    """A weight, target or score as it is typed: without zeros at its end."""
    return "" if value is None else format(value.normalize(), "f")


def as_number(text: str) -> Decimal | None:
    """The number typed, with a decimal point or comma; None for nothing. ValidationError for anything else."""
    text = text.strip().replace(",", ".")
    if text and not NUMBER.fullmatch(text):
        raise forms.ValidationError(_("“%(value)s” is not a number.") % {"value": text[:60]})
    return Decimal(as_typed(Decimal(text))) if text else None


class NumberField(forms.CharField):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=40, widget=forms.TextInput(attrs={"inputmode": "decimal"}), **kwargs)

    def clean(self, value: Any) -> Any:
        return as_number(super().clean(value))


class TextField(forms.CharField):
    """A text of some lines; their ends as a file has them, so that it goes out and comes back the same."""

    def __init__(self, *, rows: int = 3, max_length: int = MAX_LONG, **kwargs: Any) -> None:
        super().__init__(max_length=max_length, widget=forms.Textarea(attrs={"rows": rows}), **kwargs)

    def to_python(self, value: Any) -> Any:
        return (super().to_python(value) or "").replace("\r\n", "\n")


class ThingForm(forms.Form):
    """The fields of a thing itself, without what it holds. `thing`: what is edited, None where one is added.

    `taken`: the keys of each level that others have. A key once published (`fixed`) is shown, not asked.
    """

    ALIASES: Mapping[str, str] = {}  # paths inside the thing → fields, where the names differ
    key_from = "name"  # the field that a key is made from

    def __init__(
        self,
        thing: Any = None,
        data: QueryDict | None = None,
        *,
        taken: Mapping[Level, Collection[str]] | None = None,
        fixed: bool = False,
    ) -> None:
        super().__init__(data, initial=self.shown(thing) if thing is not None else None)
        self.thing, self.taken, self.fixed = thing, taken or {}, fixed
        if fixed:
            self.fields.pop("key", None)

    def shown(self, thing: Any) -> dict[str, Any]:
        """What the fields show of a thing."""
        return {"name": thing.name, "key": thing.key, "weight": as_typed(thing.weight)}

    def made(self, now: Any) -> Any:
        """The thing as typed, holding what the one there is now holds; `now` is None for a new one."""
        raise NotImplementedError

    def clean_key(self) -> str:
        key: str = self.cleaned_data["key"]
        if key and key in self.taken.get(self.level, ()):
            raise forms.ValidationError(_("The key “%(key)s” is used before.") % {"key": key})
        return key

    level = Level.CATEGORY

    def made_key(self) -> str:
        typed: str = self.cleaned_data.get("key", "")
        kept: str = self.thing.key if self.thing is not None else ""
        name: str = self.cleaned_data[self.key_from]
        return (kept if self.fixed else typed or kept) or propose_key(name, self.taken.get(self.level, ()))

    def refuse(self, problems: Sequence[Problem], path: str) -> None:
        """Puts what breaks the rules beside its field; `path` is where the thing stands in the questionnaire."""
        for problem in problems:
            message = problem.message.translated(_)
            inside = problem.path.removeprefix(f"{path}.") if path else problem.path
            name = self.ALIASES.get(inside, inside)
            if name in self.fields:
                self.add_error(name, message)
            elif not self.place(inside, message):
                self.add_error(None, message)

    def place(self, inside: str, message: str) -> bool:
        """Whether a message found its place outside of the form's own fields."""
        return False

    def differ(self, now: Any) -> None:
        """Says beside each field that was changed by somebody else meanwhile what is there now."""
        there = self.shown(now)
        for name, mine in self.shown(self.made(now)).items():
            if name in self.fields and there[name] != mine:
                value = there[name]
                shown = value if isinstance(value, str) else ""
                text = _("Now there: “%(value)s”.") % {"value": shown[:300]} if shown else _("Changed meanwhile.")
                self.add_error(name, text)


class NameForm(ThingForm):
    """The questionnaire itself."""

    name = forms.CharField(label=_l("Name"), max_length=MAX_NAME)

    def shown(self, thing: Questionnaire) -> dict[str, Any]:
        return {"name": thing.name}

    def made(self, now: Questionnaire) -> Questionnaire:
        return replace(now, name=self.cleaned_data["name"])


def _key() -> forms.CharField:
    return forms.CharField(label=_l("Key"), max_length=MAX_KEY, required=False, help_text=KEY_MADE)


class CategoryForm(ThingForm):
    level = Level.CATEGORY
    name = forms.CharField(label=_l("Name"), max_length=MAX_NAME)
    key = _key()
    weight = NumberField(label=_l("Weight"), initial="1", help_text=WEIGHT)
    internal = forms.BooleanField(label=_l("Internal: only your side sees and answers it"), required=False)

    def shown(self, thing: Category) -> dict[str, Any]:
        return {**super().shown(thing), "internal": thing.internal}

    def made(self, now: Category | None) -> Category:
        data = self.cleaned_data
        values = {"name": data["name"], "weight": data["weight"], "internal": data["internal"]}
        return replace(now or Category("", ""), key=self.made_key(), **values)


def _begun(text: str, taken: Mapping[Level, Collection[str]]) -> tuple[Question, ...]:
    return (first_question(text, propose_key(text, taken.get(Level.QUESTION, ())), level_labels()),)


class NewCategoryForm(CategoryForm):
    ALIASES = {"topics[0].name": "first_topic", "topics[0].questions[0].text": "first_question"}
    first_topic = forms.CharField(label=_l("Its first topic"), max_length=MAX_NAME)
    first_question = TextField(label=_l("The topic’s first question"), rows=2, max_length=MAX_QUESTION)

    def made(self, now: Category | None) -> Category:
        data = self.cleaned_data
        key = propose_key(data["first_topic"], self.taken.get(Level.TOPIC, ()))
        topic = Topic(key, data["first_topic"], _begun(data["first_question"], self.taken))
        return replace(super().made(now), topics=(topic,))


class TopicForm(ThingForm):
    level = Level.TOPIC
    name = forms.CharField(label=_l("Name"), max_length=MAX_NAME)
    key = _key()
    weight = NumberField(label=_l("Weight"), initial="1", help_text=WEIGHT)
    target = NumberField(
        label=_l("Target"), required=False, help_text=_l("Your best practice, 1 to 100. Empty: no gap is shown.")
    )

    def shown(self, thing: Topic) -> dict[str, Any]:
        return {**super().shown(thing), "target": as_typed(thing.target)}

    def made(self, now: Topic | None) -> Topic:
        data = self.cleaned_data
        values = {"name": data["name"], "weight": data["weight"], "target": data["target"]}
        return replace(now or Topic("", ""), key=self.made_key(), **values)


class NewTopicForm(TopicForm):
    ALIASES = {"questions[0].text": "first_question"}
    first_question = TextField(label=_l("Its first question"), rows=2, max_length=MAX_QUESTION)

    def made(self, now: Topic | None) -> Topic:
        return replace(super().made(now), questions=_begun(self.cleaned_data["first_question"], self.taken))


@dataclass
class OptionLine:
    """A line of the options: what is typed there. `key` is that of the option it was made from."""

    number: int
    key: str = ""
    label: str = ""
    score: str = ""
    description: str = ""
    errors: list[str] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        return not (self.label or self.score or self.description)


class QuestionForm(ThingForm):
    """With its options as lines `label-0`, `score-0`, `description-0`, `option-0` (its key) and so on; an empty line is none.

    The button pressed comes as `do`: "save", or "up", "down", "copy" or "remove" with the number of a line behind a colon.
    """

    level = Level.QUESTION
    key_from = "text"
    text = TextField(label=_l("Question"), rows=2, max_length=MAX_QUESTION)
    type = forms.ChoiceField(label=_l("Answered by"), choices=TYPES)
    weight = NumberField(label=_l("Weight"), initial="1", help_text=WEIGHT)
    key = _key()
    required = forms.BooleanField(label=_l("Has to be answered"), required=False, initial=True)
    allow_na = forms.BooleanField(label=_l("May be “not applicable”"), required=False)
    help = TextField(label=_l("Help"), required=False, help_text=_l("Under the question: how to find the answer."))
    best_practice = TextField(label=_l("Best practice"), required=False, help_text=_l("What the best do."))
    action = TextField(
        label=_l("Action"), required=False, help_text=_l("Proposed for the plan where the score is under the target.")
    )
    life_stages = forms.MultipleChoiceField(
        label=_l("Only at these life stages"), required=False, widget=forms.CheckboxSelectMultiple
    )
    partner_types = forms.MultipleChoiceField(
        label=_l("Only for these partner types"), required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(
        self, thing: Question | None = None, data: QueryDict | None = None, *, known: Conditions, **kwargs: Any
    ) -> None:
        super().__init__(thing, data, **kwargs)
        for name, pairs in (("life_stages", known.stages), ("partner_types", known.types)):
            there = dict(pairs)
            gone = sorted(getattr(thing, name) - there.keys()) if thing else []
            choices: Any = self.fields[name]
            choices.choices = [*pairs, *((key, _("%(key)s (no longer there)") % {"key": key}) for key in gone)]
        self.option_errors: list[str] = []
        if data is not None:
            self.lines = _posted(data)
            self._do(data.get("do", "save"))
        else:
            self.lines = _lines(thing.options if thing else first_options(level_labels()))
        self._fill()

    def shown(self, thing: Question) -> dict[str, Any]:
        names = ("text", "key", "required", "allow_na", "help", "best_practice", "action")
        return {name: getattr(thing, name) for name in names} | {
            "type": thing.type.value,
            "weight": as_typed(thing.weight),
            "life_stages": sorted(thing.life_stages),
            "partner_types": sorted(thing.partner_types),
        }

    @property
    def moves(self) -> bool:
        """Whether a button of a line was pressed, so that the form is shown again where it was."""
        return bool(self.data) and ":" in self.data.get("do", "")

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if "type" in data:
            data["options"] = self._options(QuestionType(data["type"]))
            if self.option_errors or any(line.errors for line in self.lines):
                raise forms.ValidationError(_("Look at the options."))
        return data

    def made(self, now: Question | None) -> Question:
        data = self.cleaned_data
        names = ("text", "weight", "required", "allow_na", "help", "best_practice", "action", "options")
        return replace(
            now or Question(""),
            key=self.made_key(),
            type=QuestionType(data["type"]),
            life_stages=frozenset(data["life_stages"]),
            partner_types=frozenset(data["partner_types"]),
            **{name: data[name] for name in names},
        )

    def differ(self, now: Question) -> None:
        mine = self.made(now)  # before a message takes a field out of what is clean
        super().differ(now)
        if now.options != mine.options:
            there = "; ".join(f"{option.label} {as_typed(option.score)}" for option in now.options)
            self.option_errors.append(_("Now there: “%(value)s”.") % {"value": there})

    def place(self, inside: str, message: str) -> bool:
        if inside == "options":
            self.option_errors.append(message)
        elif inside.startswith("options["):
            given = [line for line in self.lines if not line.is_empty]
            place = int(inside.removeprefix("options[").partition("]")[0])
            given[place].errors.append(message)
        return inside.startswith("options")

    def _options(self, kind: QuestionType) -> tuple[Option, ...]:
        """The options typed; none for a number or a text, and without points where nothing is scored."""
        if not kind.has_options:
            return ()
        known = {option.key for option in self.thing.options} if self.thing else set()
        taken = {line.key for line in self.lines if line.key in known}
        options: list[Option] = []
        for line in self.lines:
            if line.is_empty:
                continue
            if line.key not in known or line.key in {option.key for option in options}:
                line.key = option_key(line.label, taken)
                taken.add(line.key)
            options.append(Option(line.key, line.label, self._score(line, kind), line.description))
        return tuple(options)

    def _score(self, line: OptionLine, kind: QuestionType) -> Decimal:
        if not kind.is_scored:
            return Decimal(0)
        try:
            score = as_number(line.score)
        except forms.ValidationError as error:
            line.errors += error.messages
            return Decimal(0)
        if score is None:
            line.errors.append(_("An option of a scored question needs a score."))
        return score or Decimal(0)

    def _do(self, pressed: str) -> None:
        what, _sign, place = pressed.partition(":")
        if not (place.isascii() and place.isdecimal() and int(place) < len(self.lines)):
            return
        at = int(place)
        line = self.lines.pop(at)
        if what == "copy":
            again = replace(line, key="", label=_("%s (copy)") % line.label[: MAX_NAME - 20], errors=[])
            self.lines[at:at] = [line, again]
        elif what != "remove":
            self.lines.insert(max(0, at - 1) if what == "up" else at + 1 if what == "down" else at, line)

    def _fill(self) -> None:
        given = [line for line in self.lines if not line.is_empty]
        self.lines = [*given, *(OptionLine(0) for _n in range(MAX_OPTIONS - len(given)))]
        for place, line in enumerate(self.lines):
            line.number = place


def _lines(options: Sequence[Option]) -> list[OptionLine]:
    return [OptionLine(n, o.key, o.label, as_typed(o.score), o.description) for n, o in enumerate(options)]


def _posted(data: QueryDict) -> list[OptionLine]:
    def text(name: str, n: int) -> str:
        return data.get(f"{name}-{n}", "").replace("\x00", "").replace("\r\n", "\n").strip()

    return [
        OptionLine(n, text("option", n), text("label", n), text("score", n), text("description", n))
        for n in range(MAX_OPTIONS + 1)
    ]


FORMS: Mapping[Level, type[ThingForm]] = {
    Level.CATEGORY: CategoryForm,
    Level.TOPIC: TopicForm,
    Level.QUESTION: QuestionForm,
}
NEW_FORMS: Mapping[Level, type[ThingForm]] = {**FORMS, Level.CATEGORY: NewCategoryForm, Level.TOPIC: NewTopicForm}
