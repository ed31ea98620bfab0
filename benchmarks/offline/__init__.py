"""Offline agents: recorded episodes whose next action is asked for screen by screen, and the rules that say whether it is right."""
