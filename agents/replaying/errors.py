"""Why a run is not replayed."""

from omnicqm.common.errors import Conflict, InvalidInput, RateLimited


class ReplayRefused(Conflict):
    """The run cannot be done again, whoever asks."""

    code = "replay_refused"


class ChangeInvalid(InvalidInput):
    """What is to be changed does not exist or makes no sense."""

    code = "replay_change_invalid"


class TooManyReplays(RateLimited):
    code = "too_many_replays"
