"""What can go wrong when somebody rates, overrules the judge, or has the machine learn something.

NotFound
├── TargetNotFound      no such insight or reply, or not for the one who rates
└── ProposalNotFound    no such proposal of an article
Conflict
├── NothingToRate       the query has no reply yet
├── NothingToOverrule   there is no judgement (yet)
├── NothingToLearn      nothing a person wrote, or nothing in it
└── AlreadyDecided      somebody has approved or rejected the proposal
"""

from omnicqm.common.errors import Conflict, NotFound


class TargetNotFound(NotFound):
    code = "target_not_found"


class NothingToRate(Conflict):
    code = "nothing_to_rate"


class NothingToOverrule(Conflict):
    code = "nothing_to_overrule"


class ProposalNotFound(NotFound):
    code = "proposal_not_found"


class NothingToLearn(Conflict):
    code = "nothing_to_learn"


class AlreadyDecided(Conflict):
    code = "already_decided"
