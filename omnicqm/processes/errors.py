"""Why an installation cannot start, in a sentence a newcomer can act on."""

from omnicqm.common.errors import OmniError


class CannotStart(OmniError):
    """A part of the installation does not start. The message says what to change; it is shown without a traceback."""

    code = "cannot_start"
