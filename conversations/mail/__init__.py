"""Reading mail: what the customer wrote in it, and whether a person wrote it at all."""
