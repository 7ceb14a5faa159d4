//! Kinds on a host: what Ansible calls modules. A module's arguments, already rendered, are read into its type.
