"""Template tag for staff pages: the end of the staff session."""

from django import template
from django.template import Context

from cafe.staff_session.lifetime import Ending, ending

register = template.Library()


@register.simple_tag(takes_context=True)
def session_ending(context: Context) -> Ending | None:
    """Return the end of the reader's session if it is less than WARN_BEFORE away, else None."""
    request = context.get("request")
    return ending(request.session) if request and request.user.is_authenticated else None
