"""The forms that begin a questionnaire: step by step, or with a file."""

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from scorecards.builder_forms import TextField, level_labels
from scorecards.definition import MAX_KEY, MAX_NAME, MAX_QUESTION, Category, Kind, Questionnaire, Topic
from scorecards.editing import first_question, propose_key
from scorecards.models import Questionnaire as Row

KEY_HELP = _l("Empty: made from the name. Stays for good; the API finds the questionnaire by it.")


class BeginForm(forms.Form):
    """What every questionnaire has: a name and a key."""

    name = forms.CharField(label=_l("Name"), max_length=MAX_NAME)
    key = forms.SlugField(label=_l("Key"), max_length=MAX_KEY, required=False, help_text=KEY_HELP)

    def clean_key(self) -> str:
        key: str = self.cleaned_data["key"]
        if key and Row.objects.filter(key=key).exists():
            raise forms.ValidationError(_("There is a questionnaire with this key already."))
        return key

    def key_for(self, name: str) -> str:
        key: str = self.cleaned_data["key"]
        return key or propose_key(name, list(Row.objects.values_list("key", flat=True)))


class StepByStepForm(BeginForm):
    """A name, a kind, and the first question, as nothing may be left empty."""

    kind = forms.ChoiceField(label=_l("Kind"), choices=Row.Kind)
    first_category = forms.CharField(label=_l("First category"), max_length=MAX_NAME)
    first_topic = forms.CharField(label=_l("Its first topic"), max_length=MAX_NAME)
    first_question = TextField(label=_l("The topic’s first question"), rows=2, max_length=MAX_QUESTION)
    field_order = ["name", "kind", "key", "first_category", "first_topic", "first_question"]

    def content(self) -> Questionnaire:
        data = self.cleaned_data

        def key(name: str) -> str:
            return propose_key(data[name], ())

        question = first_question(data["first_question"], key("first_question"), level_labels())
        topic = Topic(key("first_topic"), data["first_topic"], (question,))
        category = Category(key("first_category"), data["first_category"], (topic,))
        return Questionnaire(data["name"], Kind(data["kind"]), (category,))


class FromFileForm(BeginForm):
    name = forms.CharField(
        label=_l("Name"), max_length=MAX_NAME, required=False, help_text=_l("Empty: as in the file (the sheet’s name).")
    )
    file = forms.FileField(label=_l("XLSX or YAML"))
    field_order = ["file", "name", "key"]


class UploadForm(forms.Form):
    """A file that becomes the draft."""

    file = forms.FileField(label=_l("XLSX or YAML"))

    prefix = "upload"
