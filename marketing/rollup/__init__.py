"""The roll-up of marketing: MGOs needed, planned and delivered, budget, and what came of it."""
