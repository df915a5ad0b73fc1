"""Backups of a ring, by slot: what is stored, what makes one whole, what is restored and purged.

`keys` and the two manifests are the contract with everything that was ever stored. `plan`,
`assembly`, `restore`, `retention` and `purge` decide; `store` and what uses it does.
"""
