"""What `import timetravel as tt` and the command line share: calls, results, and how their progress is told."""
