"""Account plans: a partner's customers, what they own, and what could be sold to them next."""
