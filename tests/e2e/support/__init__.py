"""What the end-to-end tests stand on: the real programs, a client that checks every answer, and waiting with deadlines."""
