"""What can go wrong when somebody rates, or overrules the judge.

NotFound
└── TargetNotFound      no such insight or reply, or not for the one who rates
Conflict
├── NothingToRate       the query has no reply yet
└── NothingToOverrule   there is no judgement (yet)
"""

from omnicqm.common.errors import Conflict, NotFound


class TargetNotFound(NotFound):
    code = "target_not_found"


class NothingToRate(Conflict):
    code = "nothing_to_rate"


class NothingToOverrule(Conflict):
    code = "nothing_to_overrule"
