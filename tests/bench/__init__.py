"""How long pages take with 10,000 partners, on a real server: `make bench`."""
