"""AWS on one machine: moto in a process of ours, taught what the estate needs."""
