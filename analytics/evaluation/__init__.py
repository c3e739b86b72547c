"""How well the product does what it is for, measured on data with known answers, and compared between settings."""
