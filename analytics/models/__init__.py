"""The tables that analytics owns: facts and how far they have come; alerts, their rules, and who is told."""

from analytics.models.alerts import Alert as Alert
from analytics.models.alerts import AlertNotice as AlertNotice
from analytics.models.alerts import AlertReceiver as AlertReceiver
from analytics.models.alerts import AlertRule as AlertRule
from analytics.models.alerts import AlertState as AlertState
from analytics.models.facts import AttemptFact as AttemptFact
from analytics.models.facts import CaseFact as CaseFact
from analytics.models.facts import EscalationFact as EscalationFact
from analytics.models.facts import InsightFact as InsightFact
from analytics.models.facts import QueryFact as QueryFact
from analytics.models.pins import Pin as Pin
from analytics.models.state import DimensionValue as DimensionValue
from analytics.models.state import FactsState as FactsState
