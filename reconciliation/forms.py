"""Forms of reconciliation: what is typed, checked in shape; whether it may be is for the verbs to say."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import parse_qsl, urlencode

from django import forms
from django.utils import timezone

from accounts.models import User
from accounts.policies import people_of
from reconciliation.access import SEE
from reconciliation.models import (
    Channel,
    Choice,
    Definition,
    Encryption,
    Format,
    MappingTemplate,
    Recipient,
    ScheduledDelivery,
    Source,
    What,
)
from records.models import Status

if TYPE_CHECKING:
    from django.core.files.uploadedfile import UploadedFile

    # Generic for the type checker only; Django's own class takes no parameter.
    SourceModelForm = forms.ModelForm[Source]
    ChannelModelForm = forms.ModelForm[Channel]
    DeliveryModelForm = forms.ModelForm[ScheduledDelivery]
else:
    SourceModelForm = ChannelModelForm = DeliveryModelForm = forms.ModelForm


SELECT = {"class": "select"}


class DayInput(forms.DateInput):
    """A day, by the browser's own picker."""

    input_type = "date"

    def __init__(self) -> None:
        super().__init__(attrs={"class": "control"}, format="%Y-%m-%d")


class ManyFiles(forms.ClearableFileInput):
    """Several files in one field."""

    allow_multiple_selected = True


class Files(forms.FileField):
    """The files chosen, at least one."""

    widget = ManyFiles

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile[bytes]]:
        given = data if isinstance(data, list | tuple) else [data]
        return [super(Files, self).clean(each, initial) for each in given]


class UploadForm(forms.Form):
    """Files of one source for one business day, with the balances of a statement where it has them."""

    source = forms.ModelChoiceField(
        Source.objects.filter(is_active=True).exclude(format=Format.HOUSE),
        empty_label="Choose a source",
        widget=forms.Select(SELECT),
    )
    business_date = forms.DateField(label="Business day", widget=DayInput, initial=timezone.localdate)
    file = Files(label="Files")
    balances = forms.FileField(label="Balances of a cash statement (CSV: currency, opening, closing)", required=False)


class SourceForm(SourceModelForm):
    """One source."""

    mapping_family = forms.ChoiceField(label="Mapping", required=False)

    class Meta:
        model = Source
        fields: ClassVar = [
            "name", "party", "role", "format", "book", "mapping_family", "most_megabytes", "most_ratio", "due_at", "folder", "is_active",
        ]  # fmt: skip
        labels: ClassVar = {
            "most_megabytes": "Largest file, MB",
            "most_ratio": "Unpacked at most, times its size",
            "is_active": "Takes files",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        active = MappingTemplate.objects.filter(status=Status.ACTIVE).order_by("family", "version")
        names = {each.family: each.name for each in active}
        for field in self.fields.values():
            if isinstance(field.widget, forms.Select):
                field.widget.attrs.update(SELECT)
        self.fields["mapping_family"].choices = [("", "None"), *names.items()]  # type: ignore[attr-defined]


class ChannelForm(ChannelModelForm):
    """Where files of a source are fetched from."""

    class Meta:
        model = Channel
        fields: ClassVar = [
            "kind", "address", "user", "host_key", "region", "bucket", "folder", "pattern", "done_folder", "every_minutes", "is_active",
        ]  # fmt: skip
        labels: ClassVar = {
            "kind": "Speaks",
            "host_key": "Key of the host",
            "pattern": "Names",
            "done_folder": "Folder of what is done",
            "every_minutes": "Every, minutes",
            "is_active": "Fetches by itself",
        }
        widgets: ClassVar = {"kind": forms.Select(SELECT)}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        # It stands beside the source's own form, which has fields of the same names.
        super().__init__(*args, **{"auto_id": "channel_%s", **kwargs})


class RecipientForm(forms.Form):
    """Whom files are locked for."""

    name = forms.CharField(max_length=120)
    method = forms.ChoiceField(label="Locked by", choices=Encryption.choices, widget=forms.Select(SELECT))
    secret = forms.CharField(
        label="Passphrase or public key",
        help_text="ZIP: a passphrase of 12 characters or more. PGP: their public key, as text.",
        widget=forms.Textarea({"rows": 6, "autocomplete": "off", "spellcheck": "false"}),
    )


class DeliveryForm(DeliveryModelForm):
    """What leaves by itself, for whom, when and how."""

    view = forms.CharField(
        required=False,
        label="View of the queue",
        help_text="As in the address of the queue: severity=CRITICAL&counterparty=C; empty for all unsettled breaks.",
    )
    people = forms.ModelMultipleChoiceField(
        User.objects.none(), required=False, label="People who are sent the link", widget=forms.SelectMultiple(SELECT)
    )

    class Meta:
        model = ScheduledDelivery
        fields: ClassVar = ["name", "what", "definition", "format", "recipient", "at", "way", "channel", "folder"]
        labels: ClassVar = {"at": "At", "way": "Goes to", "recipient": "Locked for"}
        widgets: ClassVar = {"at": forms.TimeInput({"type": "time"}, format="%H:%M")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            if isinstance(field.widget, forms.Select):
                field.widget.attrs.update(SELECT)
        self.fields["recipient"].queryset = Recipient.objects.filter(is_active=True)  # type: ignore[attr-defined]
        seen = [each.pk for each in people_of(SEE)]
        self.fields["people"].queryset = User.objects.filter(pk__in=seen)  # type: ignore[attr-defined]
        if self.instance.pk:
            self.fields["view"].initial = urlencode(self.instance.filters)
            self.fields["people"].initial = list(self.instance.people.all())

    def clean(self) -> dict[str, Any]:
        found = super().clean() or self.cleaned_data
        self.instance.filters = dict(parse_qsl(found.get("view") or ""))
        return found


class DefinitionForm(forms.Form):
    """What is compared with what."""

    name = forms.CharField(max_length=120)
    what = forms.ChoiceField(choices=What.choices, widget=forms.Select(SELECT))
    sources = forms.ModelMultipleChoiceField(Source.objects.filter(is_active=True), widget=forms.CheckboxSelectMultiple)


class RunForm(forms.Form):
    """A business day of a definition."""

    definition = forms.ModelChoiceField(
        Definition.objects.filter(is_active=True), empty_label=None, widget=forms.Select(SELECT)
    )
    business_date = forms.DateField(label="Business day", widget=DayInput, initial=timezone.localdate)


class DecisionForm(forms.Form):
    """A person's word on the records of a group."""

    choice = forms.ChoiceField(choices=Choice.choices)
    internal = forms.CharField(required=False, help_text="References of our records, one a line")
    external = forms.CharField(required=False, help_text="References of theirs, one a line")
    reason = forms.CharField(max_length=500)
