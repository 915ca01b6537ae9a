"""Deals: who they count for, where they stand, what they are worth, and what people do with them."""
