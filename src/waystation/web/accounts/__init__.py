"""Who may do what, where and when: people, roles, keys."""
