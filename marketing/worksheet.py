"""How many MGOs does a revenue target need? The program worksheet, forward and backward. Pure."""
