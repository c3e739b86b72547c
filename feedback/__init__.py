"""What people say of insights and replies."""
