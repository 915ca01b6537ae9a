"""Reads of MDF; what users are shown starts at what they may see."""
