"""The forecast of a business plan: pure rules, from assumptions to the profit and loss of 36 months."""
