"""Wire the house and wind the clock."""
