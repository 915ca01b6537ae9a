"""The program worksheet: its document, what it is prefilled with, its page."""
