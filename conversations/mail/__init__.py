"""Reading e-mail: what the customer wrote, less what came along with it."""
