"""Which steps a request or a claim goes through and who may decide each. Pure."""
