"""Rows of the agent: what it did, and the policy an admin may change."""

from agents.models.budgets import Budget
from agents.models.http_tools import HttpTool, HttpToolEffect
from agents.models.journal import RunEntry
from agents.models.policy import Category, FactorWeight
from agents.models.runs import Run, RunReplay, RunStep
from agents.models.traces import RunTrace

__all__ = [
    "Budget",
    "Category",
    "FactorWeight",
    "HttpTool",
    "HttpToolEffect",
    "Run",
    "RunEntry",
    "RunReplay",
    "RunStep",
    "RunTrace",
]
