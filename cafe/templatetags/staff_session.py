"""The end of a staff session, for templates of staff pages."""

from django import template
from django.template import Context

from cafe.staff_session.lifetime import Ending, ending

register = template.Library()


@register.simple_tag(takes_context=True)
def session_ending(context: Context) -> Ending | None:
    """Return the end of the reader's session if it is near, else None."""
    request = context.get("request")
    return ending(request.session) if request and request.user.is_authenticated else None
