from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from menu.fields import CleanTextField
from menu.models import Picture
from menu.photos import messages
from menu.photos.encoder_process import encode_photo
from menu.photos.limits import MAX_FILE_BYTES, PhotoRefused


class PictureForm(forms.ModelForm):
    """The form of a new photo. A valid form has the EncodedPhoto as `encoded`."""

    file = forms.FileField(label=capfirst(_("photo")), help_text=messages.help_text())

    class Meta:
        model = Picture
        fields = ["title"]
        field_classes = {"title": CleanTextField}

    def clean_file(self) -> UploadedFile:
        file: UploadedFile = self.cleaned_data["file"]
        try:
            if (file.size or 0) > MAX_FILE_BYTES:
                raise messages.file_too_large(file.size or 0)
            self.encoded = encode_photo(file)
        except PhotoRefused as refused:
            raise ValidationError(messages.refusal(refused)) from refused
        return file
