"""A vendor's logo: what was uploaded is decoded and written anew, so that nothing but the picture is kept and served."""

import io
import warnings

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from PIL import Image, UnidentifiedImageError

FORMATS = ("PNG", "JPEG", "WEBP")
MAX_BYTES = 1_000_000
MAX_PIXELS = 25_000_000
SHOWN = (448, 112)  # four times what the top bar shows, for fine screens


def as_png(content: bytes) -> bytes:
    """The picture as a small PNG. Raises ValidationError: too large, or no PNG, JPEG or WebP by its content."""
    if len(content) > MAX_BYTES:
        raise ValidationError(_("The file is larger than 1 MB. A logo needs far less."))
    wrong = ValidationError(_("This isn’t a PNG, JPEG or WebP picture, whatever the file is called."))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(content), formats=FORMATS) as image:
                if image.width * image.height > MAX_PIXELS:
                    raise ValidationError(_("The picture has too many pixels: at most 5,000 by 5,000."))
                picture = image.convert("RGBA")
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombWarning) as error:
        raise wrong from error
    except Image.DecompressionBombError as error:
        raise wrong from error
    picture.thumbnail(SHOWN)
    out = io.BytesIO()
    picture.save(out, "PNG", optimize=True)
    return out.getvalue()
