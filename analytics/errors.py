"""What can be wrong with a question. Every message says what to do."""

from omnicqm.common.errors import InvalidInput


class SpecInvalid(InvalidInput):
    """A query spec that the catalogue does not know or that asks for too much; `param` names the field."""

    code = "spec_invalid"
