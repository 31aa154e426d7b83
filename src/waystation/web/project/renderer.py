"""How every form of Django is drawn: labels, help, errors that screen readers tie to fields."""

from __future__ import annotations

from django.forms.renderers import TemplatesSetting


class FormRenderer(TemplatesSetting):
    """Django's own widgets inside our fields."""

    form_template_name = "components/form.html"
    field_template_name = "components/field.html"
