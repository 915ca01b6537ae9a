from mdf.models.fund import Account, Accrual, Entry, Fund, Lot, Posting

__all__ = ["Account", "Accrual", "Entry", "Fund", "Lot", "Posting"]
