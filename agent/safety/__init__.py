"""What may be done: classes of risk, rules, and the person who is asked."""
