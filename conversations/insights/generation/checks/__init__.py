"""What a drafted summary must hold to before anybody sees it.

Every amount, number and date stands in the history (however it is written); so do names, identifiers and addresses.
Each statement is borne out by the events it names, and reports no deed that nobody of the company said was done. What
speaks like an instruction, planted in an event or taken over from our own, is held back. Instructions planted in events
bear nothing out, so that obeying them is found out.
"""

from conversations.insights.generation.checks.checking import Checked, Evidence, draft_check

__all__ = ["Checked", "Evidence", "draft_check"]
