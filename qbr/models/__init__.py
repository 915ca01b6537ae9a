"""Quarterly business reviews: the deck, its commitments, and what became of them."""
