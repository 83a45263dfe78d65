"""What can be asked: a module a command, with its options and what makes its study of them. Both ways in share it."""
