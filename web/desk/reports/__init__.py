"""What managers look at: each report is a table over one period of one organisation, with an optional chart."""
