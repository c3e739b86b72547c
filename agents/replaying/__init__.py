"""A run done again with another model, other prompts or another threshold, without touching anything."""

from agents.replaying.services import (
    Change,
    replay_begin,
    replay_fail,
    replay_request,
    replay_run,
    replays_sweep,
)

__all__ = ["Change", "replay_begin", "replay_fail", "replay_request", "replay_run", "replays_sweep"]
