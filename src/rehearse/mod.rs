//! A whole environment against an AWS emulator and throwaway hosts.
