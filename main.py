"""Where the real clock, database and transport are wired; hands over to commands/."""
