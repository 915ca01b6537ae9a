"""What entries do to the accounts of a fund. Pure."""
