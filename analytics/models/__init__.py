"""The tables that analytics owns: facts, and how far they have come."""

from analytics.models.facts import AttemptFact as AttemptFact
from analytics.models.facts import CaseFact as CaseFact
from analytics.models.facts import EscalationFact as EscalationFact
from analytics.models.facts import InsightFact as InsightFact
from analytics.models.facts import QueryFact as QueryFact
from analytics.models.pins import Pin as Pin
from analytics.models.state import DimensionValue as DimensionValue
from analytics.models.state import FactsState as FactsState
