"""Leads: who holds each, how they are given out, and what became of them."""
