"""Certifications of partners' people, and the tasks required of partners."""
