from collections.abc import Callable
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.forms import BaseForm


def saved(form: BaseForm, action: Callable[..., Any], **arguments: Any) -> bool:
    """Calls the action; what it refuses becomes the form's errors, and False is returned."""
    try:
        with transaction.atomic():
            action(**arguments)
    except ValidationError as error:
        if hasattr(error, "error_dict"):
            for name, errors in error.error_dict.items():
                form.add_error(name if name in form.fields else None, errors)
        else:
            form.add_error(None, error)
        return False
    return True
