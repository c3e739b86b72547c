"""Who listens: engines and services behind one interface (`base`)."""
