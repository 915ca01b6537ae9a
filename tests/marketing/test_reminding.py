"""Mails that ask for results, and for somebody to verify them."""
