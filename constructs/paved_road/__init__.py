"""A cloud-native reference architecture as AWS CDK constructs.

Import from the folder that holds the idea: `paved_road.estate`, `paved_road.network`,
`paved_road.ring`, `paved_road.backup`, `paved_road.service`, `paved_road.guard`.
"""
