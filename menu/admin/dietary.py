"""The form fields of allergens and diets."""

from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from menu.concurrent_editing.merge import MergingForm
from menu.dietary.allergens import ALLERGENS, DIETS
from menu.fields import KeysField


class ContentsForm(MergingForm):
    allergens = KeysField(label=capfirst(_("allergens")), choices=ALLERGENS)
    diets = KeysField(
        label=capfirst(_("suits these diets")), choices=DIETS, help_text=_("Nothing ticked: we claim nothing.")
    )
