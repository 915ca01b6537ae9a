"""What of a claim is payable. Pure."""
