//! A playbook on one host, task by task.
