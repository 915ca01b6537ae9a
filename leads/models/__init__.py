"""Leads: who holds each, how they are given out, and what became of them."""

from leads.models.distribution import Distribution, LeadCapacity, LeadOffer, LeadTrial
from leads.models.lead import Grade, Lead, LeadSource, LeadStep

__all__ = [
    "Distribution",
    "Grade",
    "Lead",
    "LeadCapacity",
    "LeadOffer",
    "LeadSource",
    "LeadStep",
    "LeadTrial",
]
