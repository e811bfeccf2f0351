"""The demo: a sample organisation, simulated people, and mail servers inside the process."""
