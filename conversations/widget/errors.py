"""Why a page is not served its widget, or a customer not taken for who the page says. The codes are the host page's."""

from omnicqm.common.errors import InvalidInput, NotAllowed, NotFound


class WidgetKeyUnknown(NotFound):
    code = "key_unknown"


class WidgetKeyDisabled(NotAllowed):
    code = "key_disabled"


class OriginNotAllowed(NotAllowed):
    code = "origin_not_allowed"


class IdentityRefused(InvalidInput):
    """The token says nothing we believe; `code` says what is wrong with it."""

    code = "token_invalid"
